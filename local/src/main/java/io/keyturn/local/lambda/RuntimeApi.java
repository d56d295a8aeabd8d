package io.keyturn.local.lambda;

import com.sun.net.httpserver.HttpExchange;
import io.keyturn.local.support.LoopbackServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Lambda's Runtime API for one execution environment. It gives events to the process and receives
 * its answers.
 *
 * <p>Each environment has a separate server, because the variable AWS_LAMBDA_RUNTIME_API holds only
 * a host and a port.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html">the Runtime API</a>
 */
final class RuntimeApi implements AutoCloseable {
  /** Lambda accepts 100 bytes more than the 6 MB in its documentation. */
  static final int MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100;

  private static final String RUNTIME = "/2018-06-01/runtime/";
  private static final String INVOCATION = RUNTIME + "invocation/";

  private final RuntimeState state;
  private final LoopbackServer server = LoopbackServer.start(0);

  RuntimeApi(RuntimeState state) {
    this.state = state;
    server.route(RUNTIME, this::handle);
  }

  String hostAndPort() {
    return server.endpoint().getAuthority();
  }

  @Override
  public void close() {
    server.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      String path = exchange.getRequestURI().getPath();
      if (exchange.getRequestMethod().equals("GET") && path.equals(INVOCATION + "next")) {
        next(exchange);
      } else if (!exchange.getRequestMethod().equals("POST")) {
        refuse(exchange, 404, "NotFound", "There is no " + path + " in Lambda's Runtime API");
      } else if (path.equals(RUNTIME + "init/error")) {
        Optional<byte[]> error = read(exchange);
        state.initFailed(
            error
                .map(Answer::error)
                .orElseGet(() -> Answer.error("Runtime.Unknown", "The error was too large")));
        accept(exchange);
      } else if (path.startsWith(INVOCATION) && path.endsWith("/response")) {
        response(exchange, requestId(path, "/response"));
      } else if (path.startsWith(INVOCATION) && path.endsWith("/error")) {
        error(exchange, requestId(path, "/error"));
      } else {
        refuse(exchange, 404, "NotFound", "There is no " + path + " in Lambda's Runtime API");
      }
    } catch (InterruptedException e) {
      // The environment is being closed, and its process ends with the connection.
      Thread.currentThread().interrupt();
    }
  }

  private void next(HttpExchange exchange) throws IOException, InterruptedException {
    Optional<Invocation> next = state.next();
    if (next.isEmpty()) {
      refuse(exchange, 403, "Forbidden", "This environment is closed");
      return;
    }
    Invocation invocation = next.get();
    var headers = exchange.getResponseHeaders();
    headers.set("Content-Type", "application/json");
    headers.set("Lambda-Runtime-Aws-Request-Id", invocation.requestId());
    headers.set("Lambda-Runtime-Invoked-Function-Arn", invocation.functionArn());
    headers.set(
        "Lambda-Runtime-Deadline-Ms",
        String.valueOf(System.currentTimeMillis() + invocation.timeout().toMillis()));
    headers.set("Lambda-Runtime-Trace-Id", invocation.traceId());
    send(exchange, 200, invocation.payload());
  }

  private void response(HttpExchange exchange, String requestId) throws IOException {
    Optional<byte[]> payload = read(exchange);
    if (payload.isEmpty()) {
      state.answer(
          requestId,
          Answer.error(
              "Function.ResponseSizeTooLarge",
              "Response payload size exceeded maximum allowed payload size (%s bytes)."
                  .formatted(MAX_RESPONSE_BYTES)));
      refuse(
          exchange,
          413,
          "RequestEntityTooLarge",
          "Exceeded maximum allowed payload size (" + MAX_RESPONSE_BYTES + " bytes).");
    } else if (state.answer(requestId, Answer.response(payload.get()))) {
      accept(exchange);
    } else {
      refuseRequestId(exchange, requestId);
    }
  }

  private void error(HttpExchange exchange, String requestId) throws IOException {
    Answer error =
        read(exchange)
            .map(Answer::error)
            .orElseGet(() -> Answer.error("Runtime.Unknown", "The error was too large"));
    // After a response that is too large, the runtime reports the refusal as an error, too.
    if (state.answer(requestId, error)) {
      accept(exchange);
    } else {
      refuseRequestId(exchange, requestId);
    }
  }

  private static String requestId(String path, String suffix) {
    return path.substring(INVOCATION.length(), path.length() - suffix.length());
  }

  /** The whole body, or nothing if it is too large; then it is read all the same. */
  private static Optional<byte[]> read(HttpExchange exchange) throws IOException {
    InputStream body = exchange.getRequestBody();
    byte[] bytes = body.readNBytes(MAX_RESPONSE_BYTES + 1);
    if (bytes.length <= MAX_RESPONSE_BYTES) {
      return Optional.of(bytes);
    }
    // A client that is still sending would see a broken connection instead of the refusal.
    body.transferTo(OutputStream.nullOutputStream());
    return Optional.empty();
  }

  private static void accept(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, 202, "{\"status\":\"OK\"}\n".getBytes(StandardCharsets.UTF_8));
  }

  private static void refuseRequestId(HttpExchange exchange, String requestId) throws IOException {
    refuse(exchange, 400, "InvalidRequestID", "No invocation " + requestId + " is under way");
  }

  private static void refuse(HttpExchange exchange, int status, String type, String message)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    send(exchange, status, Answer.error(type, message).payload());
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }
}
