package io.keyturn.rotator.invocation;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import io.keyturn.postgres.Deadline;
import java.time.Duration;

/**
 * One call of the function: the step it is asked for, how long it may take, and its log, each line
 * of which says which step, version and secret it is about.
 */
public final class Invocation {
  /** What is left for the answer, which else would be Lambda's word that the function timed out. */
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

  /** What PutSecretValue asks for of a function that does not have the secret's own role. */
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
        step() + " of version " + token() + " of secret " + secretId() + ": " + message, level);
  }
}
