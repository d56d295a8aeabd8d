package io.keyturn.rotator.invocation;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import io.keyturn.postgres.Deadline;
import java.time.Duration;
import java.util.function.Consumer;

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
  private final Consumer<String> warnings;
  private final StepRecord record = new StepRecord();

  public Invocation(RotationEvent event, Context context) {
    this(
        event,
        Deadline.in(Duration.ofMillis(context.getRemainingTimeInMillis()).minus(RESERVE)),
        context.getLogger(),
        null);
  }

  /** A call that checks a secret, and takes no step. */
  public static Invocation ofCheck(String secretId, Context context) {
    return new Invocation(new RotationEvent(null, secretId, null, null), context);
  }

  private Invocation(
      RotationEvent event, Deadline deadline, LambdaLogger logger, Consumer<String> warnings) {
    this.event = event;
    this.deadline = deadline;
    this.logger = logger;
    this.warnings = warnings;
  }

  /**
   * The same call as one that only checks.
   *
   * @param pendingVersion the version staged AWSPENDING; null if there is none
   * @param findings receives what a rotation would log as a warning
   */
  public Invocation forCheck(String pendingVersion, Consumer<String> findings) {
    return new Invocation(
        new RotationEvent(null, secretId(), pendingVersion, null), deadline, logger, findings);
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

  /** Collects what the log's line about the step says. */
  public StepRecord record() {
    return record;
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
    if (warnings == null) {
      log(message, LogLevel.WARN);
    } else {
      warnings.accept(message);
    }
  }

  private void log(String message, LogLevel level) {
    String subject = step() == null ? "check" : "%s of version %s".formatted(step(), token());
    logger.log("%s of secret %s: %s".formatted(subject, secretId(), message), level);
  }
}
