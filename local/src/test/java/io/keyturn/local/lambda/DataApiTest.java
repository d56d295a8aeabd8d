package io.keyturn.local.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.support.LoopbackServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataApiTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private final LoopbackServer server = LoopbackServer.start(0);

  @AfterEach
  void close() {
    server.close();
  }

  private void serve(DataApi.QueryFunction function) {
    DataApi.PATHS.forEach(path -> server.route(path, new DataApi(function)));
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return CLIENT.send(
        HttpRequest.newBuilder(server.endpoint().resolve(path))
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/Execute", "/BeginTransaction", "/CommitTransaction", "/RollbackTransaction"})
  void theBodyIsTheEventAndTheAnswerTheBody(String path) throws Exception {
    serve(event -> new DataApi.Outcome(false, new String(event, StandardCharsets.UTF_8)));

    HttpResponse<String> response = post(path, "{\"sql\":\"SELECT 'é'\"}");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("{\"sql\":\"SELECT 'é'\"}");
    assertThat(response.headers().firstValue("x-amzn-RequestId")).isPresent();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"sql\":\"SELECT 1\"} | {\"sql\":\"SELECT 1\",\"parameterSets\":[]}",
        "{\"parameterSets\":[[]]} | {\"parameterSets\":[[]]}",
        "no JSON | no JSON",
      })
  void aBatchIsOneWithoutParametersToo(String body, String event) throws Exception {
    serve(given -> new DataApi.Outcome(false, new String(given, StandardCharsets.UTF_8)));

    assertThat(post("/BatchExecute", body).body()).isEqualTo(event);
  }

  @ParameterizedTest
  @CsvSource({
    "io.keyturn.consumer.QueryException$BadRequestException, 400, BadRequestException",
    "io.keyturn.consumer.QueryException$DatabaseErrorException, 400, DatabaseErrorException",
    "io.keyturn.consumer.QueryException$StatementTimeoutException, 400, StatementTimeoutException",
    "BadRequestException, 400, BadRequestException",
    "a.B$TransactionNotFoundException, 404, TransactionNotFoundException",
    "a.B$ForbiddenException, 403, ForbiddenException",
    "a.B$DatabaseUnavailableException, 504, DatabaseUnavailableException",
    "java.lang.OutOfMemoryError, 500, InternalServerErrorException",
    "Sandbox.Timedout, 500, InternalServerErrorException",
  })
  void anErrorHasTheServicesShape(String className, int status, String type) throws Exception {
    serve(
        event ->
            new DataApi.Outcome(
                true, "{\"errorType\":\"%s\",\"errorMessage\":\"why\"}".formatted(className)));

    HttpResponse<String> response = post("/Execute", "{}");

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("x-amzn-ErrorType")).contains(type);
    assertThat(new ObjectMapper().readTree(response.body()).get("message").asText())
        .contains("why");
  }

  @Test
  void aBusyFunctionIsUnavailable() throws Exception {
    serve(
        event -> {
          throw new LambdaException(429, "TooManyRequestsException", "busy");
        });

    HttpResponse<String> response = post("/Execute", "{}");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.headers().firstValue("x-amzn-ErrorType"))
        .contains("ServiceUnavailableError");
  }

  @Test
  void nothingElseIsAnOperation() throws Exception {
    serve(event -> new DataApi.Outcome(false, new String(event, StandardCharsets.UTF_8)));

    assertThat(post("/ExecuteSql", "{}").statusCode()).isEqualTo(404);
  }
}
