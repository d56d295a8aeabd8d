package io.keyturn.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.handlers.Describe;
import io.keyturn.local.lambda.handlers.Echo;
import io.keyturn.local.lambda.handlers.FailToStart;
import io.keyturn.local.lambda.handlers.Misbehave;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalLambdaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LOG = new CopyOnWriteArrayList<>();

  @TempDir static Path folder;
  private static Path jar;
  private static LocalLambda lambda;

  @BeforeAll
  static void start() throws Exception {
    jar = FunctionJar.create(folder);
    lambda =
        new LocalLambda(
            LambdaSettings.defaults()
                .withConcurrency(2)
                .withLogs(
                    (function, environment, line) ->
                        LOG.add(function + " " + environment + ": " + line)));
    lambda.register(FunctionJar.function(jar, Echo.class));
    lambda.register(
        FunctionJar.function(jar, Describe.class).withEnvironment(Map.of("DB_HOST", "db")));
    lambda.register(FunctionJar.function(jar, Misbehave.class));
    lambda.register(FunctionJar.function(jar, FailToStart.class));
  }

  @AfterAll
  static void stop() {
    lambda.close();
  }

  @Test
  void theFirstCallIsColdAndTheNextIsWarm() {
    lambda.restart("echo");
    InvocationResult first = lambda.invokeSync("echo", "{\"a\":1}");
    InvocationResult second = lambda.invokeSync(FunctionDefinition.localArn("echo"), "[2]");

    assertThat(first.coldStart()).isTrue();
    assertThat(first.initDuration()).isPositive();
    assertThat(first.payloadText()).isEqualTo("{\"a\":1}");
    assertThat(first.functionError()).isEmpty();
    assertThat(second.coldStart()).isFalse();
    assertThat(second.initDuration()).isZero();
    assertThat(second.payloadText()).isEqualTo("[2]");
    assertThat(second.requestId()).isNotEqualTo(first.requestId());
    assertThat(second.duration()).isLessThan(Duration.ofSeconds(5));
    assertThat(lambda.processes("echo")).hasSize(1);
  }

  @Test
  void whatAFunctionLogsComesWithItsAnswerAndToTheSink() {
    InvocationResult result = lambda.invokeSync("echo", "\"" + "é".repeat(100) + "\"");

    assertThat(result.logTail())
        .endsWith("request " + result.requestId() + "\non stdout: 202 bytes\non stderr: ünïcödé\n");
    assertThat(LOG).anyMatch(line -> line.matches("echo \\d+: on stdout: 202 bytes"));
    assertThat(lambda.invokeSync("echo", "1").logTail())
        .doesNotContain(result.requestId())
        .startsWith("request ");
  }

  @Test
  void theLogTailIsTheLastFourKilobytes() {
    assertThat(lambda.invokeSync("misbehave", "\"be chatty\"").logTail())
        .hasSize(4096)
        .endsWith("xxx\nlast line\n");
  }

  @Test
  void aFunctionSeesWhatLambdaGivesItAndNothingOfThisMachine() throws IOException {
    InvocationResult result = lambda.invokeSync("describe", "{\"k\":[1]}");
    JsonNode seen = JSON.readTree(result.payload());

    JsonNode environment = seen.get("environment");
    assertThat(environment.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder(
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_FORMAT",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "DB_HOST",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "PATH",
            "TZ",
            "_HANDLER");
    assertThat(environment.get("DB_HOST").asText()).isEqualTo("db");
    assertThat(environment.get("AWS_REGION").asText()).isEqualTo("us-east-1");
    assertThat(environment.get("LAMBDA_TASK_ROOT")).isEqualTo(seen.get("folder"));
    assertThat(seen.get("name").asText()).isEqualTo("describe");
    assertThat(seen.get("arn").asText()).isEqualTo(FunctionDefinition.localArn("describe"));
    assertThat(seen.get("requestId").asText()).isEqualTo(result.requestId());
    assertThat(seen.get("memory").asInt()).isEqualTo(256);
    assertThat(seen.get("remaining").asInt()).isBetween(1, 20_000);
    assertThat(seen.get("trace").asText())
        .matches("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0");
    assertThat(seen.get("charset").asText()).isEqualTo("UTF-8");
    assertThat(seen.get("stdin").asInt()).isEqualTo(-1);
    assertThat(seen.get("event").toString()).isEqualTo("{\"k\":[1]}");
  }

  @Test
  void theClassPathHoldsOnlyTheRuntimeInterfaceClient() throws IOException {
    JsonNode seen = JSON.readTree(lambda.invokeSync("describe", "{}").payload());

    assertThat(seen.get("classpath"))
        .extracting(part -> Path.of(part.asText()).getFileName().toString())
        .satisfiesExactly(
            own -> assertThat(own).isEqualTo("runtime"),
            jar -> assertThat(jar).startsWith("aws-lambda-java-runtime-interface-client-"),
            jar -> assertThat(jar).startsWith("aws-lambda-java-core-"),
            jar -> assertThat(jar).startsWith("aws-lambda-java-serialization-"),
            jar -> assertThat(jar).startsWith("utils-lite-"));
    assertThat(Path.of(seen.get("classpath").get(0).asText()))
        .isDirectoryRecursivelyContaining("glob:**/EnvironmentMain.class")
        .isDirectoryNotContaining("glob:**/com");
    assertThat(seen.get("flags").toString())
        .contains(
            "-XX:MaxHeapSize=222822k", "-XX:InitialHeapSize=8192k", "-XX:-CreateCoredumpOnCrash");
    assertThat(seen.get("flags").toString()).contains("libaws-lambda-jni.so");
  }

  @Test
  void anEnvironmentWorksOnOneEventAtATime() throws Exception {
    lambda.restart("misbehave");
    CompletableFuture<InvocationResult> first = inBackground("\"hang\"");
    CompletableFuture<InvocationResult> second = inBackground("\"hang\"");
    await().until(() -> lambda.processes("misbehave").size() == 2);

    assertThatThrownBy(() -> lambda.invokeSync("misbehave", "\"\""))
        .isInstanceOf(LambdaException.class)
        .hasMessage("Rate Exceeded: all 2 environments of function misbehave are busy")
        .extracting(e -> ((LambdaException) e).status())
        .isEqualTo(429);
    assertThat(lambda.invoke("misbehave", new byte[0]))
        .hasValueSatisfying(error -> assertThat(error).startsWith("TooManyRequestsException: "));

    assertThat(lambda.kill("misbehave")).isEqualTo(2);
    for (CompletableFuture<InvocationResult> killed : List.of(first, second)) {
      InvocationResult result = killed.get(10, TimeUnit.SECONDS);
      assertThat(result.functionError()).contains("Unhandled");
      assertThat(result.error())
          .contains(
              "Runtime.ExitError: RequestId: "
                  + result.requestId()
                  + " Error: Runtime exited with error: signal: killed");
    }
    assertThat(lambda.invokeSync("misbehave", "\"fine\"").coldStart()).isTrue();
  }

  @Test
  void anEnvironmentThatIsKilledWhileIdleIsReplaced() {
    lambda.invokeSync("echo", "1");
    assertThat(lambda.kill("echo")).isGreaterThanOrEqualTo(1);

    InvocationResult next = lambda.invokeSync("echo", "2");

    assertThat(next.error()).isEmpty();
    assertThat(next.coldStart()).isTrue();
  }

  @Test
  void anExceptionIsReportedAsLambdaReportsIt() throws IOException {
    InvocationResult result = lambda.invokeSync("misbehave", "\"throw\"");

    assertThat(result.functionError()).contains("Unhandled");
    JsonNode error = JSON.readTree(result.payload());
    assertThat(error.get("errorType").asText()).isEqualTo("java.lang.IllegalArgumentException");
    assertThat(error.get("errorMessage").asText()).isEqualTo("bad \"event\"");
    assertThat(error.get("stackTrace").get(0).asText()).contains("Misbehave.handle");
    assertThat(result.logTail()).contains("bad \"event\": java.lang.IllegalArgumentException");
    assertThat(lambda.invoke("misbehave", json("throw")))
        .contains("java.lang.IllegalArgumentException: bad \"event\"");
    assertThat(lambda.invokeSync("misbehave", "\"fine\"").coldStart()).isFalse();
  }

  @Test
  void aProcessThatExitsIsAnErrorAndTheNextCallStartsAnother() {
    InvocationResult failed = lambda.invokeSync("misbehave", "\"exit 3\"");
    assertThat(failed.error())
        .contains(
            "Runtime.ExitError: RequestId: "
                + failed.requestId()
                + " Error: Runtime exited with error: exit status 3");
    InvocationResult silent = lambda.invokeSync("misbehave", "\"exit 0\"");
    assertThat(silent.coldStart()).isTrue();
    assertThat(silent.error())
        .contains(
            "Runtime.ExitError: RequestId: "
                + silent.requestId()
                + " Error: Runtime exited without providing a reason");
    assertThat(lambda.invokeSync("misbehave", "\"fine\"").coldStart()).isTrue();
  }

  @Test
  void aFunctionThatTakesTooLongIsKilled() {
    FunctionDefinition slow = FunctionJar.function(jar, Misbehave.class);
    lambda.register(
        new FunctionDefinition(
            "slow",
            FunctionDefinition.localArn("slow"),
            jar,
            slow.handler(),
            Map.of(),
            Duration.ofSeconds(1),
            128));
    InvocationResult result = lambda.invokeSync("slow", "\"hang\"");

    assertThat(result.payloadText())
        .isEqualTo(
            "{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"RequestId: "
                + result.requestId()
                + " Error: Task timed out after 1.00 seconds\"}");
    assertThat(result.functionError()).contains("Unhandled");
    assertThat(result.logTail()).contains("hanging");
    assertThat(result.duration()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(lambda.processes("slow")).isEmpty();
  }

  @Test
  void aFunctionThatCannotStartReportsWhy() {
    for (int i = 0; i < 2; i++) {
      InvocationResult result = lambda.invokeSync("failtostart", "\"\"");
      assertThat(result.error()).contains("java.lang.IllegalStateException: no DB_HOST");
      assertThat(result.coldStart()).isTrue();
    }
    FunctionDefinition wrong =
        new FunctionDefinition(
            "wrong",
            FunctionDefinition.localArn("wrong"),
            jar,
            "com.example.None",
            Map.of(),
            Duration.ofSeconds(20),
            128);
    lambda.register(wrong);
    assertThat(lambda.invoke("wrong", json("")))
        .contains("java.lang.ClassNotFoundException: Class not found: com.example.None");
  }

  @Test
  void anAnswerHasAtMostSixMegabytes() {
    assertThat(lambda.invokeSync("misbehave", "\"large\"").payload()).hasSize(6_291_556);
    assertThat(lambda.invoke("misbehave", json("too large")))
        .contains(
            "Function.ResponseSizeTooLarge: Response payload size exceeded maximum allowed payload"
                + " size (6291556 bytes).");
    assertThat(lambda.invokeSync("misbehave", "\"fine\"").payloadText()).isEqualTo("\"fine\"");
  }

  @Test
  void aRuntimeThatEndsAfterItsAnswerIsReplaced() {
    assertThat(lambda.invoke("misbehave", json("out of memory")))
        .contains("java.lang.OutOfMemoryError: pretended");
    assertThat(lambda.invokeSync("misbehave", "\"fine\"").error()).isEmpty();
  }

  @Test
  void aPublishedFunctionIsFoundByItsAlias() {
    FunctionDefinition echo = FunctionJar.function(jar, Echo.class);
    lambda.register(
        new FunctionDefinition(
            "published",
            FunctionDefinition.localArn("published"),
            jar,
            echo.handler(),
            Map.of(),
            Duration.ofSeconds(20),
            128,
            Optional.of("live")));

    String arn = FunctionDefinition.localArn("published") + ":live";
    assertThat(lambda.exists(arn)).isTrue();
    assertThat(lambda.invoke(arn, json("hello"))).isEmpty();
    assertThat(lambda.exists("published:dead")).isFalse();
  }

  @Test
  void functionsAreFoundByEveryNameThatLambdaKnows() {
    for (String name :
        List.of(
            "echo",
            "echo:$LATEST",
            "function:echo",
            "000000000000:function:echo",
            "arn:aws:lambda:us-east-1:000000000000:function:echo",
            "arn:aws:lambda:us-east-1:000000000000:function:echo:$LATEST")) {
      assertThat(lambda.exists(name)).as(name).isTrue();
    }
    for (String name :
        List.of(
            "ech",
            "echo:live",
            "111111111111:function:echo",
            "arn:aws:lambda:eu-west-1:000000000000:function:echo",
            "arn:aws:lambda:us-east-1:000000000000:function:none",
            "arn:aws:secretsmanager:us-east-1:000000000000:secret:echo",
            "")) {
      assertThat(lambda.exists(name)).as(name).isFalse();
    }
    assertThat(lambda.invoke("none", json("")))
        .contains(
            "ResourceNotFoundException: Function not found:"
                + " arn:aws:lambda:us-east-1:000000000000:function:none");
  }

  @Test
  void theErrorForAMissingJarSaysHowToBuildIt() {
    FunctionDefinition gone = FunctionJar.function(folder.resolve("gone.jar"), Describe.class);
    try (LocalLambda other = new LocalLambda()) {
      other.register(gone);
      assertThatThrownBy(() -> other.invokeSync("describe", "{}"))
          .hasMessage("There is no function jar " + gone.jar() + "; build it with: mvn package");
    }
  }

  @Test
  void closingLeavesNoProcessAndNoFolder() throws Exception {
    LocalLambda other = new LocalLambda();
    other.register(FunctionJar.function(jar, Misbehave.class));
    other.register(FunctionJar.function(jar, Describe.class));
    JsonNode seen = JSON.readTree(other.invokeSync("describe", "{}").payload());
    Path root = Path.of(seen.get("folder").asText()).getParent();
    assertThat(root).isDirectory();
    CompletableFuture<InvocationResult> hanging =
        CompletableFuture.supplyAsync(() -> other.invokeSync("misbehave", "\"hang\""));
    await().until(() -> !other.processes("misbehave").isEmpty());
    List<ProcessHandle> processes =
        List.of(other.processes("describe").get(0), other.processes("misbehave").get(0));

    other.close();

    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    assertThat(root).doesNotExist();
    assertThat(hanging.get(10, TimeUnit.SECONDS).functionError()).isPresent();
    assertThatThrownBy(() -> other.register(FunctionJar.function(jar, Echo.class)))
        .hasMessage("The local Lambda is closed");
  }

  private static CompletableFuture<InvocationResult> inBackground(String payload) {
    return CompletableFuture.supplyAsync(() -> lambda.invokeSync("misbehave", payload));
  }

  private static byte[] json(String text) {
    return ("\"" + text + "\"").getBytes(StandardCharsets.UTF_8);
  }
}
