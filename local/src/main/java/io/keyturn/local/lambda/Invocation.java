package io.keyturn.local.lambda;

import java.time.Duration;
import java.util.Locale;
import java.util.UUID;

/** One event for a function. */
final class Invocation {
  private final String requestId;
  private final String functionArn;
  private final byte[] payload;
  private final Duration timeout;

  Invocation(String requestId, FunctionDefinition function, byte[] payload) {
    this.requestId = requestId;
    this.functionArn = function.arn();
    this.payload = payload;
    this.timeout = function.timeout();
  }

  String requestId() {
    return requestId;
  }

  String functionArn() {
    return functionArn;
  }

  byte[] payload() {
    return payload;
  }

  /** Returns a new X-Ray trace that is not sampled. */
  String traceId() {
    String hex = UUID.randomUUID().toString().replace("-", "");
    return String.format(
        Locale.ROOT,
        "Root=1-%08x-%s;Parent=%s;Sampled=0",
        System.currentTimeMillis() / 1000,
        hex.substring(0, 24),
        hex.substring(16));
  }

  Duration timeout() {
    return timeout;
  }
}
