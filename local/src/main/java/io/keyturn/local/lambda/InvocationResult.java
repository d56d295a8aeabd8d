package io.keyturn.local.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * How one invocation of a function ended.
 *
 * @param answer the function's response, or its error as JSON
 * @param logTail the last 4 KB that the function logged during the invocation and its start
 * @param duration from when the function got its event until it asked for the next one
 * @param answeredAt the {@link System#nanoTime()} at which the answer, or the end without one, was
 *     known
 * @param initDuration how long the environment took to start; zero if it had started before
 * @param coldStart whether the invocation had to start an execution environment
 */
public record InvocationResult(
    String requestId,
    Answer answer,
    String logTail,
    Duration duration,
    long answeredAt,
    Duration initDuration,
    boolean coldStart) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns the function's response, or its error as JSON. */
  public byte[] payload() {
    return answer.payload().clone();
  }

  public String payloadText() {
    return new String(answer.payload(), StandardCharsets.UTF_8);
  }

  /**
   * Returns the value of the header X-Amz-Function-Error: nothing, or "Unhandled" for every error.
   * "Handled" belongs to runtimes that no longer exist.
   */
  public Optional<String> functionError() {
    return answer.failed() ? Optional.of("Unhandled") : Optional.empty();
  }

  /** Returns the error as {@code errorType: errorMessage}, or nothing if the function succeeded. */
  public Optional<String> error() {
    if (!answer.failed()) {
      return Optional.empty();
    }
    try {
      JsonNode error = JSON.readTree(answer.payload());
      return Optional.of(
          "%s: %s"
              .formatted(
                  error.path("errorType").asText("Unhandled"),
                  error.path("errorMessage").asText("(no message)")));
    } catch (IOException e) {
      return Optional.of("Unhandled: " + payloadText());
    }
  }

  @Override
  public String toString() {
    return "%s %s, %d ms: %s"
        .formatted(
            requestId,
            coldStart ? "cold" : "warm",
            duration.toMillis(),
            error().orElse("succeeded"));
  }
}
