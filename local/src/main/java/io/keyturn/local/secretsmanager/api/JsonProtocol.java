package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.keyturn.local.secretsmanager.request.InternalErrors;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.io.IOException;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * AWS JSON 1.1: the operation is in a header, the request and the answer are JSON, and an error is
 * its name and message. Signatures are not checked: only their access key id is read.
 *
 * @see <a href="https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html">AWS JSON 1.1
 *     protocol</a>
 */
public final class JsonProtocol implements HttpHandler {
  private static final String TARGET_PREFIX = "secretsmanager.";
  private static final Pattern CREDENTIAL = Pattern.compile("\\bCredential=([^/,\\s]+)");

  private final ObjectMapper json =
      JsonMapper.builder().enable(JsonGenerator.Feature.WRITE_BIGDECIMAL_AS_PLAIN).build();
  private final Operations operations;
  private final Permissions permissions;
  private final Faults faults;
  private final RequestLog log;

  public JsonProtocol(
      Operations operations, Permissions permissions, Faults faults, RequestLog log) {
    this.operations = operations;
    this.permissions = permissions;
    this.faults = faults;
    this.log = log;
  }

  private record Answer(int status, ObjectNode body, Optional<String> error) {}

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    // Closing before anything was sent closes the connection, which is what two of the faults do.
    try (exchange) {
      String operation = operation(exchange);
      String caller = caller(exchange);
      byte[] body = exchange.getRequestBody().readAllBytes();
      Optional<Faults.Fault> fault = faults.next(operation);
      if (fault.isPresent() && fault.get().kind() == Faults.Kind.DROP_CONNECTION) {
        log(caller, operation, body, Optional.of(RequestLog.DROPPED));
        return;
      }
      Answer answer = answer(caller, operation, body, fault);
      // Before the answer is sent, so that a caller that has it finds its request in the log.
      log(caller, operation, body, answer.error());
      if (fault.isEmpty() || fault.get().kind() != Faults.Kind.DROP_ANSWER) {
        send(exchange, answer);
      }
    }
  }

  private static String operation(HttpExchange exchange) {
    String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
    return target != null && target.startsWith(TARGET_PREFIX)
        ? target.substring(TARGET_PREFIX.length())
        : String.valueOf(target);
  }

  private static String caller(HttpExchange exchange) {
    Matcher credential =
        CREDENTIAL.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    return credential.find() ? credential.group(1) : RequestLog.UNSIGNED;
  }

  private Answer answer(
      String caller, String operation, byte[] body, Optional<Faults.Fault> fault) {
    try {
      if (fault.isPresent()) {
        happen(fault.get());
      }
      Request request = new Request(parsed(body));
      permissions.check(caller, operation, request);
      return new Answer(200, operations.answer(operation, request), Optional.empty());
    } catch (ServiceException e) {
      return error(e);
    } catch (RuntimeException e) {
      InternalErrors.print(operation + " failed; this is a bug in the local Secrets Manager", e);
      return error(
          ServiceException.internal(
              "The local Secrets Manager failed; its standard error shows where."));
    }
  }

  private static void happen(Faults.Fault fault) {
    switch (fault.kind()) {
      case THROTTLE -> throw ServiceException.throttled();
      case INTERNAL_ERROR ->
          throw ServiceException.internal("An error occurred on the server side.");
      case DELAY -> pause(fault);
      default -> {
        // What is dropped is dropped where the answer would be sent.
      }
    }
  }

  private static void pause(Faults.Fault fault) {
    try {
      Thread.sleep(fault.delay().toMillis());
    } catch (InterruptedException e) {
      // The server is stopping, and no caller waits for this answer any more.
      Thread.currentThread().interrupt();
      throw ServiceException.internal("The server stopped during a delayed request.");
    }
  }

  private JsonNode parsed(byte[] body) {
    try {
      JsonNode node = body.length == 0 ? Answers.empty() : json.readTree(body);
      if (node.isObject()) {
        return node;
      }
    } catch (IOException e) {
      // Without its cause, which may quote a value.
      throw ServiceException.of("SerializationException", "The request is not JSON.");
    }
    throw ServiceException.of("SerializationException", "The request is not a JSON object.");
  }

  private void log(String caller, String operation, byte[] body, Optional<String> error) {
    Optional<String> secretId = Optional.empty();
    Optional<String> label = Optional.empty();
    try {
      Request request = new Request(parsed(body));
      secretId = request.rawSecretId();
      label = request.rawVersionStage();
    } catch (ServiceException e) {
      // Not JSON, which its answer says.
    }
    log.add(new RequestLog.Entry(caller, operation, secretId, label, error));
  }

  private static Answer error(ServiceException e) {
    ObjectNode body = Answers.empty();
    body.put("__type", e.type());
    body.put("Message", e.getMessage());
    return new Answer(e.status(), body, Optional.of(e.type()));
  }

  private void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = bytes(answer.body());
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
    exchange.getResponseHeaders().set("x-amzn-RequestId", UUID.randomUUID().toString());
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private byte[] bytes(ObjectNode body) {
    try {
      return json.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("An answer could not be written as JSON", e);
    }
  }
}
