package io.keyturn.local.lambda;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Invokes a function over HTTP.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html">Invoke</a>
 */
final class InvokeOperation {
  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  private static final int MAX_REQUEST_BYTES = 6 * 1024 * 1024;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final LocalLambda lambda;

  InvokeOperation(LocalLambda lambda) {
    this.lambda = lambda;
  }

  ApiResponse run(String function, HttpExchange exchange, String requestId) throws IOException {
    String type = header(exchange, "X-Amz-Invocation-Type", "RequestResponse");
    String arn = lambda.function(function).arn();
    return switch (type) {
      case "RequestResponse" -> {
        byte[] payload = payload(exchange);
        boolean tail = header(exchange, "X-Amz-Log-Type", "None").equals("Tail");
        yield response(lambda.invokeSync(arn, requestId, payload), tail);
      }
      case "DryRun" -> ApiResponse.of(204, new byte[0]);
      default ->
          throw new LambdaException(
              400,
              "InvalidParameterValueException",
              "X-Amz-Invocation-Type must be RequestResponse or DryRun, not %s; the local Lambda has no asynchronous invocations"
                  .formatted(type));
    };
  }

  private static ApiResponse response(InvocationResult result, boolean tail) {
    ApiResponse response =
        ApiResponse.of(200, result.payload()).header("X-Amz-Executed-Version", "$LATEST");
    result.functionError().ifPresent(error -> response.header("X-Amz-Function-Error", error));
    if (tail) {
      byte[] log = result.logTail().getBytes(StandardCharsets.UTF_8);
      response.header("X-Amz-Log-Result", Base64.getEncoder().encodeToString(log));
    }
    return response;
  }

  private static byte[] payload(HttpExchange exchange) throws IOException {
    byte[] payload = exchange.getRequestBody().readNBytes(MAX_REQUEST_BYTES + 1);
    if (payload.length > MAX_REQUEST_BYTES) {
      throw new LambdaException(
          413,
          "RequestTooLargeException",
          "Request must be smaller than %d bytes for the InvokeFunction operation"
              .formatted(MAX_REQUEST_BYTES));
    }
    if (payload.length == 0) {
      // Lambda passes this event if there is no payload.
      return "{}".getBytes(StandardCharsets.UTF_8);
    }
    try {
      if (!JSON.readTree(payload).isMissingNode()) {
        return payload;
      }
    } catch (JsonProcessingException e) {
      throw notJson(e.getOriginalMessage());
    }
    throw notJson("it is blank");
  }

  private static LambdaException notJson(String problem) {
    return new LambdaException(
        400,
        "InvalidRequestContentException",
        "Could not parse request body into json: " + problem);
  }

  private static String header(HttpExchange exchange, String name, String otherwise) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? otherwise : value;
  }
}
