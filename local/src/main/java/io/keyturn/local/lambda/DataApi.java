package io.keyturn.local.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The RDS Data API over HTTP, for its clients as they are: the body of a request is the query
 * function's event, and the function's answer is the response's body.
 *
 * <p>The signatures of requests are not checked: any credentials are accepted.
 *
 * @see <a href="https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/Welcome.html">RDS
 *     Data API</a>
 */
public final class DataApi implements HttpHandler {
  /** The paths of its operations. */
  public static final List<String> PATHS =
      List.of(
          "/Execute",
          "/BatchExecute",
          "/BeginTransaction",
          "/CommitTransaction",
          "/RollbackTransaction");

  private static final int BAD_REQUEST = 400;
  private static final int INTERNAL_ERROR = 500;

  /** The statuses of the service's errors that are not 400, as its public model has them. */
  private static final Map<String, Integer> STATUSES =
      Map.of(
          "AccessDeniedException", 403,
          "ForbiddenException", 403,
          "DatabaseNotFoundException", 404,
          "NotFoundException", 404,
          "TransactionNotFoundException", 404,
          "InternalServerErrorException", INTERNAL_ERROR,
          "ServiceUnavailableError", 503,
          "DatabaseUnavailableException", 504);

  private static final List<String> BAD_REQUESTS =
      List.of(
          "BadRequestException",
          "DatabaseErrorException",
          "DatabaseResumingException",
          "HttpEndpointNotEnabledException",
          "InvalidResourceStateException",
          "InvalidSecretException",
          "SecretsErrorException",
          "StatementTimeoutException",
          "UnsupportedResultException");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final QueryFunction function;

  /** The query function. */
  @FunctionalInterface
  public interface QueryFunction {
    Outcome invoke(byte[] event) throws IOException;
  }

  /**
   * The outcome of an invocation.
   *
   * @param failed whether the payload is an error, with {@code errorType} and {@code errorMessage}
   */
  public record Outcome(boolean failed, String payload) {}

  public DataApi(QueryFunction function) {
    this.function = function;
  }

  /** The API of a function of the local Lambda. */
  public static DataApi of(LocalLambda lambda, String function) {
    return new DataApi(
        event -> {
          InvocationResult result = lambda.invokeSync(function, event);
          return new Outcome(result.functionError().isPresent(), result.payloadText());
        });
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    answer(exchange).send(exchange, UUID.randomUUID().toString());
  }

  private ApiResponse answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (!exchange.getRequestMethod().equals("POST") || !PATHS.contains(path)) {
      return ApiResponse.error(
          404,
          "UnknownOperationException",
          "Sender",
          "The local Data API has no %s %s".formatted(exchange.getRequestMethod(), path));
    }
    try {
      Outcome outcome = function.invoke(event(path, exchange.getRequestBody().readAllBytes()));
      return outcome.failed()
          ? error(outcome)
          : ApiResponse.of(200, outcome.payload().getBytes(StandardCharsets.UTF_8));
    } catch (LambdaException e) {
      // Such as no free environment: a later request may succeed.
      return ApiResponse.error(503, "ServiceUnavailableError", "Server", e.getMessage());
    }
  }

  /** Only the path distinguishes a batch without parameter sets from a single execution. */
  private static byte[] event(String path, byte[] body) throws IOException {
    if (!path.equals("/BatchExecute")) {
      return body;
    }
    try {
      if (JSON.readTree(body) instanceof ObjectNode batch && !batch.has("parameterSets")) {
        batch.putArray("parameterSets");
        return JSON.writeValueAsBytes(batch);
      }
    } catch (JsonProcessingException e) {
      // The function says what is wrong with it.
      return body;
    }
    return body;
  }

  private static ApiResponse error(Outcome outcome) throws IOException {
    JsonNode error = JSON.readTree(outcome.payload());
    String className = error.path("errorType").asText();
    String type =
        className.substring(Math.max(className.lastIndexOf('.'), className.lastIndexOf('$')) + 1);
    String message = error.path("errorMessage").asText();
    if (BAD_REQUESTS.contains(type)) {
      return ApiResponse.error(BAD_REQUEST, type, "Sender", message);
    }
    if (STATUSES.containsKey(type)) {
      return ApiResponse.error(STATUSES.get(type), type, "Sender", message);
    }
    // The function timed out, ran out of memory, or failed.
    return ApiResponse.error(
        INTERNAL_ERROR,
        "InternalServerErrorException",
        "Server",
        "%s: %s".formatted(className, message));
  }
}
