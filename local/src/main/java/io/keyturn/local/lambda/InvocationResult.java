package io.keyturn.local.lambda;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** How one invocation of a function ended. */
public final class InvocationResult {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String requestId;
  private final byte[] payload;
  private final boolean failed;
  private final String logTail;
  private final Duration duration;
  private final long answeredAt;
  private final Duration initDuration;
  private final boolean coldStart;

  InvocationResult(
      String requestId,
      Answer answer,
      String logTail,
      Duration duration,
      long answeredAt,
      Duration initDuration,
      boolean coldStart) {
    this.requestId = requestId;
    this.payload = answer.payload();
    this.failed = answer.failed();
    this.logTail = logTail;
    this.duration = duration;
    this.answeredAt = answeredAt;
    this.initDuration = initDuration;
    this.coldStart = coldStart;
  }

  public String requestId() {
    return requestId;
  }

  /** Returns the function's response, or its error as JSON. */
  public byte[] payload() {
    return payload.clone();
  }

  public String payloadText() {
    return new String(payload, StandardCharsets.UTF_8);
  }

  /**
   * Returns the value of the header X-Amz-Function-Error: nothing, or "Unhandled" for every error.
   * "Handled" belongs to runtimes that no longer exist.
   */
  public Optional<String> functionError() {
    return failed ? Optional.of("Unhandled") : Optional.empty();
  }

  /** The error as {@code errorType: errorMessage}, or nothing if the function succeeded. */
  public Optional<String> error() {
    if (!failed) {
      return Optional.empty();
    }
    try {
      JsonNode error = JSON.readTree(payload);
      return Optional.of(
          error.path("errorType").asText("Unhandled")
              + ": "
              + error.path("errorMessage").asText("(no message)"));
    } catch (IOException e) {
      return Optional.of("Unhandled: " + payloadText());
    }
  }

  /** Returns the last 4 KB that the function logged during the invocation and its start. */
  public String logTail() {
    return logTail;
  }

  /** From when the function got its event until it asked for the next one. */
  public Duration duration() {
    return duration;
  }

  /** The {@link System#nanoTime()} at which the answer, or the end without one, was known. */
  public long answeredAt() {
    return answeredAt;
  }

  /**
   * How long the environment took to start, before it got the event; zero if it had started for an
   * earlier one.
   */
  public Duration initDuration() {
    return initDuration;
  }

  /** Whether the invocation had to start an execution environment. */
  public boolean coldStart() {
    return coldStart;
  }

  @Override
  public String toString() {
    return requestId
        + (coldStart ? " cold, " : " warm, ")
        + duration.toMillis()
        + " ms: "
        + error().orElse("succeeded");
  }
}
