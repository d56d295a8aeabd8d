package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.testing.InMemory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.SecretListEntry;
import software.amazon.awssdk.services.secretsmanager.model.SecretVersionsListEntry;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/** {@code keyturn serve} as a user runs it, driven by AWS's own clients. */
// One stack serves all that only talk to it; the tests that end it come last, in this order.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ServeIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String SECRET = "keyturn/app";
  private static final String EVENT = "{\"sql\":\"SELECT 6 * 7\"}";

  @TempDir static Path folder;

  @TempDir(factory = InMemory.class)
  static Path temporary;

  private static KeyturnProcess serve;
  private static SecretsManagerClient secrets;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @BeforeAll
  static void start() throws IOException {
    serve = startServing();
    secrets =
        SecretsManagerClient.builder()
            .endpointOverride(endpoint(serve))
            .region(Region.US_EAST_1)
            .credentialsProvider(anyone())
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
  }

  @AfterAll
  static void stop() {
    if (serve != null) {
      serve.close();
    }
    if (secrets != null) {
      secrets.close();
    }
  }

  @Test
  @Order(1)
  void theSdkWorksOnSecrets() {
    String name = unique();
    String first = secrets.createSecret(r -> r.name(name).secretString("one")).versionId();
    String second = secrets.putSecretValue(r -> r.secretId(name).secretString("two")).versionId();
    assertThat(secrets.getSecretValue(r -> r.secretId(name)).secretString()).isEqualTo("two");
    assertThat(
            secrets
                .getSecretValue(r -> r.secretId(name).versionStage("AWSPREVIOUS"))
                .secretString())
        .isEqualTo("one");
    assertThat(secrets.describeSecret(r -> r.secretId(name)).versionIdsToStages())
        .isEqualTo(Map.of(first, List.of("AWSPREVIOUS"), second, List.of("AWSCURRENT")));
    assertThat(secrets.listSecrets().secretList())
        .extracting(SecretListEntry::name)
        .contains(SECRET, name);
    assertThat(secrets.listSecretVersionIds(r -> r.secretId(name)).versions())
        .extracting(SecretVersionsListEntry::versionId)
        .containsExactlyInAnyOrder(first, second);

    secrets.updateSecretVersionStage(
        r ->
            r.secretId(name)
                .versionStage("AWSCURRENT")
                .moveToVersionId(first)
                .removeFromVersionId(second));
    assertThat(secrets.getSecretValue(r -> r.secretId(name)).secretString()).isEqualTo("one");
    secrets.updateSecret(r -> r.secretId(name).secretString("three").description("of a test"));
    assertThat(secrets.batchGetSecretValue(r -> r.secretIdList(name, SECRET)).secretValues())
        .hasSize(2)
        .anyMatch(value -> value.secretString().equals("three"));

    secrets.tagResource(r -> r.secretId(name).tags(tag("a", "1"), tag("b", "2")));
    secrets.untagResource(r -> r.secretId(name).tagKeys("a"));
    assertThat(secrets.describeSecret(r -> r.secretId(name)).tags()).containsExactly(tag("b", "2"));
    assertThat(secrets.getRandomPassword(r -> r.passwordLength(40L)).randomPassword()).hasSize(40);

    secrets.deleteSecret(r -> r.secretId(name).recoveryWindowInDays(7L));
    assertThatThrownBy(() -> secrets.getSecretValue(r -> r.secretId(name)))
        .isInstanceOf(InvalidRequestException.class);
    secrets.restoreSecret(r -> r.secretId(name));
    assertThat(secrets.getSecretValue(r -> r.secretId(name)).secretString()).isEqualTo("three");
    secrets.deleteSecret(r -> r.secretId(name).forceDeleteWithoutRecovery(true));
  }

  @Test
  @Order(1)
  void theSdkRotatesAndHttpInvokes() throws Exception {
    GetSecretValueResponse before = secrets.getSecretValue(r -> r.secretId(SECRET));

    String arn = functionArn();
    String version =
        secrets
            .rotateSecret(
                r ->
                    r.secretId(SECRET)
                        .rotationLambdaARN(arn)
                        .rotationRules(rules -> rules.scheduleExpression("rate(30 days)")))
            .versionId();

    await()
        .atMost(PATIENCE)
        .until(() -> secrets.getSecretValue(r -> r.secretId(SECRET)).versionId().equals(version));
    assertThat(secrets.getSecretValue(r -> r.secretId(SECRET)).secretString())
        .isNotEqualTo(before.secretString());
    assertThat(secrets.describeSecret(r -> r.secretId(SECRET)).rotationEnabled()).isTrue();
    secrets.cancelRotateSecret(r -> r.secretId(SECRET));
    assertThat(secrets.describeSecret(r -> r.secretId(SECRET)).rotationEnabled()).isFalse();

    HttpResponse<String> answered = invoke(serve, "QueryFunction", EVENT, "RequestResponse");
    assertThat(answered.headers().firstValue("X-Amz-Function-Error")).isEmpty();
    assertThat(answered.body()).contains("\"longValue\":42");
    HttpResponse<String> refused = invoke(serve, "keyturn-rotator", "{}", "RequestResponse");
    assertThat(refused.statusCode()).isEqualTo(200);
    assertThat(refused.headers().firstValue("X-Amz-Function-Error")).contains("Unhandled");
    assertThat(refused.body()).contains("RotationException");
    HttpResponse<String> asynchronous = invoke(serve, "QueryFunction", EVENT, "Event");
    assertThat(asynchronous.statusCode()).isEqualTo(400);
    assertThat(asynchronous.body()).contains("no asynchronous invocations");
  }

  @Test
  @Order(1)
  void theCliWorksWithWhatServePrints() throws Exception {
    assumeTrue(hasCli(), "There is no aws command on the PATH to test with");
    Path event = Files.writeString(folder.resolve("event.json"), EVENT);
    Path answer = folder.resolve("answer.json");
    assertThat(sm("get-secret-value", "--secret-id", SECRET).get("Name").asText())
        .isEqualTo(SECRET);

    String version =
        sm(
                "rotate-secret",
                "--secret-id",
                SECRET,
                "--rotation-lambda-arn",
                functionArn(),
                "--rotation-rules",
                "ScheduleExpression=rate(30 days)")
            .get("VersionId")
            .asText();
    await()
        .atMost(PATIENCE)
        .until(() -> secrets.getSecretValue(r -> r.secretId(SECRET)).versionId().equals(version));
    sm("cancel-rotate-secret", "--secret-id", SECRET);

    // fileb is read alike by versions 1 and 2 of the CLI.
    String payload = "fileb://" + event;
    aws("lambda", "invoke", "--function-name", "QueryFunction", "--payload", payload, answer + "");
    assertThat(Files.readString(answer)).contains("42");
  }

  @Test
  @Order(1)
  void theCheckSaysWhatARotationWouldDo() throws Exception {
    Map<String, String> environment =
        Map.of(
            "AWS_REGION",
            "us-east-1",
            "AWS_ACCESS_KEY_ID",
            "any",
            "AWS_SECRET_ACCESS_KEY",
            "any",
            "SECRETS_MANAGER_ENDPOINT",
            endpoint(serve).toString());
    // When such a process is closed, it ends what was started from its temporary folder.
    Path own = Files.createTempDirectory(folder, "check");
    String other = unique();
    secrets.createSecret(r -> r.name(other).secretString("{\"token\":\"of-nobody\"}"));

    try (KeyturnProcess check =
        KeyturnProcess.run(folder, own, environment, "check", "--secret-id", SECRET)) {
      assertThat(check.out())
          .containsPattern("(?m)^ready +alternating users +app(_clone)? +" + SECRET)
          .endsWith("1 of 1 secrets can be rotated.\n");
      assertThat(check.process().exitValue()).isZero();
    }
    try (KeyturnProcess check =
        KeyturnProcess.run(folder, own, environment, "check", "--json", "--secret-id", other)) {
      JsonNode report = JSON.readTree(check.out()).path(0);
      assertThat(report.path("outcome").asText()).isEqualTo("blocks");
      assertThat(report.path("findings").toString()).contains("\\\"host\\\" is missing");
      assertThat(check.out()).doesNotContain("of-nobody");
      assertThat(check.process().exitValue()).isOne();
    }
    try (KeyturnProcess check =
        KeyturnProcess.run(folder, own, environment, "check", "--all", "no-function")) {
      assertThat(check.err()).contains("No secret of this account and region");
    }
  }

  @Test
  @Order(2)
  void sigtermEndsItAndLeavesNothing() throws Exception {
    List<ProcessHandle> children = serve.children();
    assertThat(children).as("PostgreSQL and functions").hasSizeGreaterThan(2);

    serve.signal("TERM");

    assertThat(serve.awaitEnd()).as(serve.err()).isEqualTo(128 + 15);
    assertGone(children);
    KeyturnProcess.assertNothingLeft(temporary);
    assertThat(serve.err()).isEmpty();
  }

  @Test
  @Order(3)
  void afterKillTheNextStartClearsWhatIsLeftAndSigintEndsThat() throws Exception {
    List<ProcessHandle> children;
    try (KeyturnProcess killed = startServing()) {
      assertThat(invoke(killed, "QueryFunction", EVENT, "RequestResponse").body())
          .contains("\"longValue\":42");
      children = killed.children();
      List<ProcessHandle> functions =
          children.stream().filter(child -> !isPostgres(child)).toList();
      assertThat(functions).isNotEmpty();
      assertThat(children).anyMatch(ServeIT::isPostgres);

      killed.process().destroyForcibly().waitFor();

      assertGone(functions);
    }
    // A script of the PostgreSQL library, which deletes it when its JVM ends and not when that is
    // killed.
    for (Path script : startingWith("detect_linux_distribution_")) {
      Files.delete(script);
    }
    assertThat(runs()).hasSize(1);
    Path dead = runs().get(0);

    try (KeyturnProcess next = startServing()) {
      assertGone(children);
      assertThat(runs()).hasSize(1).doesNotContain(dead);
      List<ProcessHandle> nextChildren = next.children();

      next.signal("INT");

      assertThat(next.awaitEnd()).as(next.err()).isEqualTo(128 + 2);
      assertGone(nextChildren);
      KeyturnProcess.assertNothingLeft(temporary);
    }
  }

  private static KeyturnProcess startServing() throws IOException {
    KeyturnProcess started = KeyturnProcess.start(folder, temporary, "serve", "--port", "0");
    started.awaitOutput("Ctrl-C ends it.");
    return started;
  }

  private static URI endpoint(KeyturnProcess process) throws IOException {
    return URI.create(find("RDS Data API at (http://127\\.0\\.0\\.1:\\d+)", process.out()));
  }

  private static String functionArn() throws IOException {
    return find("--rotation-lambda-arn (\\S+)", serve.out());
  }

  private static String find(String pattern, String text) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
    return matcher.group(1);
  }

  private static StaticCredentialsProvider anyone() {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "one"));
  }

  private static String unique() {
    return "test/" + UUID.randomUUID();
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  /** As AWS's clients do, which need no SDK of their own for it. */
  private static HttpResponse<String> invoke(
      KeyturnProcess stack, String function, String event, String type)
      throws IOException, InterruptedException {
    URI uri = endpoint(stack).resolve("/2015-03-31/functions/" + function + "/invocations");
    return HTTP.send(
        HttpRequest.newBuilder(uri)
            .header("X-Amz-Invocation-Type", type)
            .POST(BodyPublishers.ofString(event))
            .build(),
        BodyHandlers.ofString());
  }

  private static boolean isPostgres(ProcessHandle process) {
    return KeyturnProcess.commandLine(process).contains("postgres -D")
        || process.parent().filter(ServeIT::isPostgres).isPresent();
  }

  private static void assertGone(List<ProcessHandle> processes) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
  }

  private static List<Path> runs() throws IOException {
    return startingWith("run-");
  }

  private static List<Path> startingWith(String prefix) throws IOException {
    try (Stream<Path> files = Files.walk(temporary, 2)) {
      return files.filter(file -> file.getFileName().toString().startsWith(prefix)).toList();
    }
  }

  private static boolean hasCli() throws InterruptedException {
    try {
      Process version =
          new ProcessBuilder("aws", "--version")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("aws-version.txt").toFile())
              .start();
      return version.waitFor() == 0;
    } catch (IOException e) {
      // Such a command is not there.
      return false;
    }
  }

  private static JsonNode sm(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("secretsmanager"));
    command.addAll(List.of(arguments));
    return aws(command.toArray(String[]::new));
  }

  /** Runs the CLI with nothing but the variables that serve tells its user to set. */
  private static JsonNode aws(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("aws", "--output", "json"));
    command.addAll(List.of(arguments));
    Path err = folder.resolve("aws-stderr.txt");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    builder.environment().putAll(exported());
    // Whatever the machine's own user has configured.
    builder.environment().put("AWS_CONFIG_FILE", folder.resolve("no-config").toString());
    builder.environment().put("AWS_PAGER", "");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, Files.readString(err)).isZero();
    return JSON.readTree(out);
  }

  private static Map<String, String> exported() throws IOException {
    Map<String, String> variables = new HashMap<>();
    Matcher matcher = Pattern.compile("(AWS_\\w+)=(\\S+)").matcher(serve.out());
    while (matcher.find()) {
      variables.put(matcher.group(1), matcher.group(2));
    }
    return variables;
  }
}
