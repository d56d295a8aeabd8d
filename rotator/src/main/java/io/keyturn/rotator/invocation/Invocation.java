package io.keyturn.rotator.invocation;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import io.keyturn.postgres.Deadline;
import java.time.Duration;

/**
 * One call of the function: its step, its deadline, and its log. Each line of the log names the
 * step, the version and the secret.
 */
public final class Invocation {
  /** Kept free for the answer. Otherwise Lambda would only report that the function timed out. */
  private static final Duration RESERVE = Duration.ofSeconds(1);

  private final RotationEvent event;
  private final Deadline deadline;
  private final LambdaLogger logger;

  public Invocation(RotationEvent event, Context context) {
    this.event = event;
    deadline = Deadline.in(Duration.ofMillis(context.getRemainingTimeInMillis()).minus(RESERVE));
    logger = context.getLogger();
  }

  public Step step() {
    return event.step();
  }

  public String secretId() {
    return event.secretId();
  }

  /** The id of the version that the rotation makes. */
  public String token() {
    return event.token();
  }

  /** PutSecretValue requires it of a function that has assumed another role. */
  public String rotationToken() {
    return event.rotationToken();
  }

  public Deadline deadline() {
    return deadline;
  }

  public void debug(String message) {
    log(message, LogLevel.DEBUG);
  }

  public void info(String message) {
    log(message, LogLevel.INFO);
  }

  public void warn(String message) {
    log(message, LogLevel.WARN);
  }

  private void log(String message, LogLevel level) {
    logger.log(
        "%s of version %s of secret %s: %s".formatted(step(), token(), secretId(), message), level);
  }
}
