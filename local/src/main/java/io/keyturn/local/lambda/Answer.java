package io.keyturn.local.lambda;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The outcome of an invocation: the function's response, or an error of the function or of Lambda.
 */
final class Answer {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final byte[] payload;
  private final boolean failed;

  private Answer(byte[] payload, boolean failed) {
    this.payload = payload;
    this.failed = failed;
  }

  static Answer response(byte[] payload) {
    return new Answer(payload, false);
  }

  /** Returns an error that the runtime reported, as JSON. */
  static Answer error(byte[] payload) {
    return new Answer(payload, true);
  }

  static Answer error(String type, String message) {
    String json =
        JSON.createObjectNode().put("errorType", type).put("errorMessage", message).toString();
    return error(json.getBytes(StandardCharsets.UTF_8));
  }

  static Answer timedOut(Invocation invocation) {
    return error(
        "Sandbox.Timedout",
        String.format(
            Locale.ROOT,
            "RequestId: %s Error: Task timed out after %.2f seconds",
            invocation.requestId(),
            invocation.timeout().toMillis() / 1000.0));
  }

  /** Returns the error of a process that ended before it answered, with the text of Lambda. */
  static Answer exited(Invocation invocation, int status) {
    return error(
        "Runtime.ExitError",
        "RequestId: "
            + invocation.requestId()
            + " Error: Runtime exited "
            + switch (status) {
              case 0 -> "without providing a reason";
              // For a process that a signal ended, the JDK returns the signal plus 128.
              case 128 + 9 -> "with error: signal: killed";
              case 128 + 11 -> "with error: signal: segmentation fault";
              case 128 + 15 -> "with error: signal: terminated";
              default -> "with error: exit status " + status;
            });
  }

  byte[] payload() {
    return payload;
  }

  boolean failed() {
    return failed;
  }
}
