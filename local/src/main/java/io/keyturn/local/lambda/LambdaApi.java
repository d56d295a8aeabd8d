package io.keyturn.local.lambda;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The part of Lambda's API that invokes and describes functions, for the AWS CLI and SDKs.
 *
 * <p>The signatures of requests are not checked: any credentials are accepted.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html">Invoke</a>
 */
public final class LambdaApi implements HttpHandler {
  /** What the paths of all its operations begin with. */
  public static final String PATH = "/2015-03-31/functions";

  private final LocalLambda lambda;
  private final InvokeOperation invoke;

  public LambdaApi(LocalLambda lambda) {
    this.lambda = lambda;
    invoke = new InvokeOperation(lambda);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    ApiResponse response;
    String requestId = UUID.randomUUID().toString();
    try {
      response = answer(exchange, requestId);
    } catch (LambdaException e) {
      response = ApiResponse.error(e.status(), e.type(), "User", e.getMessage());
    } catch (RuntimeException e) {
      // For example, a jar is missing. The caller has to learn of it.
      response = ApiResponse.error(500, "ServiceException", "Service", e.getMessage());
    }
    response.send(exchange, requestId);
  }

  private ApiResponse answer(HttpExchange exchange, String requestId) throws IOException {
    // Each segment of the path is decoded by itself, since clients encode the colons of ARNs.
    List<String> parts =
        Arrays.stream(exchange.getRequestURI().getRawPath().substring(PATH.length()).split("/", -1))
            .filter(part -> !part.isEmpty())
            .map(part -> URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8))
            .toList();
    String method = exchange.getRequestMethod();
    String operation = parts.size() > 1 ? parts.get(1) : "";
    if (method.equals("POST") && parts.size() == 2 && operation.equals("invocations")) {
      return invoke.run(qualified(exchange, parts.get(0)), exchange, requestId);
    }
    if (method.equals("GET") && parts.isEmpty()) {
      return ApiResponse.json(200, FunctionDescriptions.list(lambda.functions()));
    }
    if (method.equals("GET") && parts.size() == 1) {
      return ApiResponse.json(
          200, FunctionDescriptions.function(lambda.function(qualified(exchange, parts.get(0)))));
    }
    if (method.equals("GET") && parts.size() == 2 && operation.equals("configuration")) {
      return ApiResponse.json(
          200,
          FunctionDescriptions.configuration(lambda.function(qualified(exchange, parts.get(0)))));
    }
    throw new LambdaException(
        404,
        "UnknownOperationException",
        "The local Lambda does not support %s %s; it supports Invoke, ListFunctions, GetFunction and GetFunctionConfiguration"
            .formatted(method, exchange.getRequestURI().getPath()));
  }

  /**
   * Returns the function's name with the qualifier, which may be a parameter of the query string.
   */
  private static String qualified(HttpExchange exchange, String function) {
    return Optional.ofNullable(exchange.getRequestURI().getQuery()).stream()
        .flatMap(query -> Arrays.stream(query.split("&", -1)))
        .filter(parameter -> parameter.startsWith("Qualifier="))
        .findFirst()
        .map(parameter -> function + ":" + parameter.substring("Qualifier=".length()))
        .orElse(function);
  }
}
