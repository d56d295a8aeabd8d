package io.keyturn.local.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** A response of Lambda's API that has not been sent yet. */
final class ApiResponse {
  private final int status;
  private final byte[] body;
  private final Map<String, String> headers = new LinkedHashMap<>();

  private ApiResponse(int status, byte[] body) {
    this.status = status;
    this.body = body;
  }

  static ApiResponse of(int status, byte[] json) {
    return new ApiResponse(status, json).header("Content-Type", "application/json");
  }

  static ApiResponse json(int status, JsonNode json) {
    return of(status, json.toString().getBytes(StandardCharsets.UTF_8));
  }

  static ApiResponse error(int status, String type, String fault, String message) {
    JsonNode error =
        JsonNodeFactory.instance.objectNode().put("Type", fault).put("message", message);
    return json(status, error).header("x-amzn-ErrorType", type);
  }

  ApiResponse header(String name, String value) {
    headers.put(name, value);
    return this;
  }

  void send(HttpExchange exchange, String requestId) throws IOException {
    // Reads the rest of a request that was refused. Its sender may not read before it has sent
    // everything.
    exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
    headers.forEach(exchange.getResponseHeaders()::set);
    exchange.getResponseHeaders().set("x-amzn-RequestId", requestId);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
