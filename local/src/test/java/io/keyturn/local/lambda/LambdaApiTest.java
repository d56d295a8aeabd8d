package io.keyturn.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.handlers.Echo;
import io.keyturn.local.lambda.handlers.Misbehave;
import io.keyturn.local.support.LoopbackServer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LambdaApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final List<String> LOG = new CopyOnWriteArrayList<>();

  @TempDir static Path folder;
  private static LocalLambda lambda;
  private static LoopbackServer server;

  @BeforeAll
  static void start() throws Exception {
    Path jar = FunctionJar.create(folder);
    lambda =
        new LocalLambda(
            LambdaSettings.defaults()
                .withConcurrency(1)
                .withLogs((function, environment, line) -> LOG.add(line)));
    lambda.register(FunctionJar.function(jar, Echo.class).withEnvironment(Map.of("A", "b")));
    lambda.register(FunctionJar.function(jar, Misbehave.class));
    server = LoopbackServer.start(0);
    server.route(LambdaApi.PATH, new LambdaApi(lambda));
  }

  @AfterAll
  static void stop() {
    server.close();
    lambda.close();
  }

  @Test
  void aSynchronousInvocationReturnsTheAnswer() throws Exception {
    for (String name :
        List.of("echo", FunctionDefinition.localArn("echo") + ":$LATEST", "function:echo")) {
      HttpResponse<String> response = invoke(name, "{\"é\":1}");

      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("{\"é\":1}");
      assertThat(response.headers().firstValue("X-Amz-Executed-Version")).contains("$LATEST");
      assertThat(response.headers().firstValue("X-Amz-Function-Error")).isEmpty();
      assertThat(response.headers().firstValue("X-Amz-Log-Result")).isEmpty();
    }
    assertThat(invoke("echo", "").body()).isEqualTo("{}");
  }

  @Test
  void theLogComesWithTheAnswerIfAskedFor() throws Exception {
    HttpResponse<String> response = invoke("echo", "1", "X-Amz-Log-Type", "Tail");

    String log = response.headers().firstValue("X-Amz-Log-Result").orElseThrow();
    assertThat(new String(Base64.getDecoder().decode(log), StandardCharsets.UTF_8))
        .contains("request " + response.headers().firstValue("x-amzn-RequestId").orElseThrow())
        .contains("ünïcödé");
  }

  @Test
  void aFunctionsErrorIsMarkedByAHeader() throws Exception {
    HttpResponse<String> response = invoke("misbehave", "\"throw\"");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("X-Amz-Function-Error")).contains("Unhandled");
    assertThat(JSON.readTree(response.body()).get("errorMessage").asText())
        .isEqualTo("bad \"event\"");
  }

  @Test
  void aDryRunInvokesNothing() throws Exception {
    int before = LOG.size();
    assertThat(invoke("echo", "1", "X-Amz-Invocation-Type", "DryRun").statusCode()).isEqualTo(204);
    assertThat(LOG).hasSize(before);
    assertError(
        invoke("none", "1", "X-Amz-Invocation-Type", "DryRun"), 404, "ResourceNotFoundException");
  }

  @Test
  void whatLambdaRefusesIsRefusedInTheSameWay() throws Exception {
    assertThat(assertError(invoke("none", "{}"), 404, "ResourceNotFoundException"))
        .isEqualTo("Function not found: arn:aws:lambda:us-east-1:000000000000:function:none");
    assertError(invoke("echo:live", "{}"), 404, "ResourceNotFoundException");
    assertError(invoke("echo", "{}", "?Qualifier=live"), 404, "ResourceNotFoundException");
    assertThat(invoke("echo", "{}", "?Qualifier=$LATEST").statusCode()).isEqualTo(200);
    assertError(invoke("a b", "{}"), 400, "ValidationException");
    assertThat(assertError(invoke("echo", "{\"a\""), 400, "InvalidRequestContentException"))
        .startsWith("Could not parse request body into json: ");
    assertError(invoke("echo", " "), 400, "InvalidRequestContentException");
    assertError(invoke("echo", "{} {}"), 400, "InvalidRequestContentException");
    assertThat(
            assertError(
                invoke("echo", "{}", "X-Amz-Invocation-Type", "Event"),
                400,
                "InvalidParameterValueException"))
        .endsWith("not Event; the local Lambda has no asynchronous invocations");
    String large = "\"" + "a".repeat(6 * 1024 * 1024 - 2);
    assertThat(invoke("echo", large + "\"").body()).hasSize(6 * 1024 * 1024);
    assertThat(assertError(invoke("echo", large + "a\""), 413, "RequestTooLargeException"))
        .isEqualTo("Request must be smaller than 6291456 bytes for the InvokeFunction operation");
    assertError(get("/echo/policy"), 404, "UnknownOperationException");
  }

  @Test
  void moreInvocationsThanEnvironmentsAreRefused() throws Exception {
    lambda.restart("misbehave");
    CompletableFuture<HttpResponse<String>> busy =
        CLIENT.sendAsync(request("misbehave", "\"hang\""), BodyHandlers.ofString());
    await().until(() -> !lambda.processes("misbehave").isEmpty());

    assertError(invoke("misbehave", "\"\""), 429, "TooManyRequestsException");

    lambda.kill("misbehave");
    assertThat(JSON.readTree(busy.get().body()).get("errorType").asText())
        .isEqualTo("Runtime.ExitError");
  }

  @Test
  void functionsAreDescribed() throws Exception {
    JsonNode all = JSON.readTree(get("/").body());
    assertThat(all.get("Functions")).hasSize(2);
    JsonNode function = JSON.readTree(get("/echo").body()).get("Configuration");
    assertThat(function).isEqualTo(all.get("Functions").get(0));
    assertThat(function).isEqualTo(JSON.readTree(get("/echo/configuration").body()));
    assertThat(function.get("FunctionArn").asText()).isEqualTo(FunctionDefinition.localArn("echo"));
    assertThat(function.get("Timeout").asInt()).isEqualTo(20);
    assertThat(function.get("Environment").get("Variables").get("A").asText()).isEqualTo("b");
    assertError(get("/none"), 404, "ResourceNotFoundException");
  }

  private static String assertError(HttpResponse<String> response, int status, String type)
      throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("x-amzn-ErrorType")).contains(type);
    return JSON.readTree(response.body()).get("message").asText();
  }

  private static HttpResponse<String> invoke(String function, String payload, String... header)
      throws Exception {
    return CLIENT.send(request(function, payload, header), BodyHandlers.ofString());
  }

  private static HttpRequest request(String function, String payload, String... header) {
    String query = header.length == 1 ? header[0] : "";
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                uri(
                    "/"
                        + URLEncoder.encode(function, StandardCharsets.UTF_8).replace("+", "%20")
                        + "/invocations"
                        + query))
            .POST(BodyPublishers.ofString(payload));
    return (header.length == 2 ? request.header(header[0], header[1]) : request).build();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    return CLIENT.send(HttpRequest.newBuilder(uri(path)).build(), BodyHandlers.ofString());
  }

  private static URI uri(String path) {
    return server.endpoint().resolve(LambdaApi.PATH + path);
  }
}
