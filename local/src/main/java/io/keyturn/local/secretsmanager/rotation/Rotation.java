package io.keyturn.local.secretsmanager.rotation;

import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.Versions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One rotation of one secret: the four steps in order. If a step fails, it starts again at the
 * first one, with the same token. What it shares with requests is guarded by the store's lock.
 */
final class Rotation implements Runnable {
  static final String TEST = "testSecret";
  private static final String FINISH = "finishSecret";
  private static final List<String> STEPS = List.of("createSecret", "setSecret", TEST, FINISH);

  private final Rotations rotations;
  private final Secret secret;
  private final String versionId;
  private final boolean testOnly;
  private final RotationFunction function;
  private final Semaphore wake = new Semaphore(0);
  private boolean cancelled;
  private boolean askedAgain;
  private int failures;
  private String successor;

  Rotation(
      Rotations rotations,
      FunctionInvoker functions,
      Secret secret,
      String versionId,
      boolean testOnly) {
    this.rotations = rotations;
    this.secret = secret;
    this.versionId = versionId;
    this.testOnly = testOnly;
    this.function = new RotationFunction(functions, secret.arn(), versionId);
  }

  Secret secret() {
    return secret;
  }

  String versionId() {
    return versionId;
  }

  boolean isTestOnly() {
    return testOnly;
  }

  /** The version to which a rotation was requested while this one was still running. */
  Optional<String> successor() {
    return Optional.ofNullable(successor);
  }

  void cancel() {
    cancelled = true;
    wake.release();
  }

  /** Repeats the rotation now, or after its current attempt has failed, with a new count. */
  void askAgain() {
    if (!testOnly) {
      cancelled = false;
      askedAgain = true;
      wake.release();
    }
  }

  void follow(String nextVersionId) {
    successor = nextVersionId;
    wake.release();
  }

  @Override
  public void run() {
    long start = System.nanoTime();
    int attempts = 0;
    List<RotationStepReport> steps = List.of();
    boolean succeeded;
    boolean again;
    do {
      List<RotationStepReport> tried = attempt(attempts + 1);
      if (!tried.isEmpty()) {
        // Otherwise it was cancelled while it waited, and there was no such attempt.
        attempts++;
        steps = tried;
      }
      succeeded = isComplete(tried);
      again = rotations.endOrRepeat(this, succeeded) && waited();
    } while (again);
    if (!testOnly) {
      rotations
          .listeners()
          .rotationFinished(
              new RotationReport(
                  secret.arn(), versionId, attempts, succeeded, steps, since(start)));
    }
  }

  private List<String> steps() {
    return testOnly ? List.of(TEST) : STEPS;
  }

  private boolean isComplete(List<RotationStepReport> tried) {
    return tried.size() == steps().size() && tried.get(tried.size() - 1).error().isEmpty();
  }

  private List<RotationStepReport> attempt(int attempt) {
    List<RotationStepReport> reports = new ArrayList<>();
    for (String step : steps()) {
      Optional<String> functionArn = rotations.locked(this::functionIfWanted);
      if (functionArn.isEmpty()) {
        break;
      }
      long start = System.nanoTime();
      Optional<String> error = function.call(functionArn.get(), step);
      if (error.isEmpty() && step.equals(FINISH)) {
        error = rotations.locked(this::unfinished);
      }
      RotationStepReport report =
          new RotationStepReport(secret.arn(), versionId, attempt, step, since(start), error);
      reports.add(report);
      rotations.listeners().stepFinished(report);
      if (error.isPresent()) {
        break;
      }
    }
    return reports;
  }

  /**
   * The function to call next, or nothing if this rotation was cancelled or its version is gone.
   */
  private Optional<String> functionIfWanted() {
    return isWanted() ? secret.rotation().functionArn() : Optional.empty();
  }

  private boolean isWanted() {
    // If someone removed AWSPENDING from the version, the rotation to it ends. If the version is
    // AWSCURRENT, finishSecret may still have to be repeated.
    return !cancelled
        && rotations.exists(secret)
        && secret
            .versions()
            .find(versionId)
            .filter(version -> version.has(Versions.PENDING) || version.has(Versions.CURRENT))
            .isPresent();
  }

  /** Returns the error if finishSecret succeeded without moving AWSCURRENT. */
  private Optional<String> unfinished() {
    boolean isCurrent =
        secret
            .versions()
            .find(versionId)
            .filter(version -> version.has(Versions.CURRENT))
            .isPresent();
    return isCurrent
        ? Optional.empty()
        : Optional.of(
            "finishSecret succeeded, but AWSCURRENT is not on version %s; the function must move it there"
                .formatted(versionId));
  }

  /** Returns whether to try again. Called under the lock after each failed attempt. */
  boolean repeats(RotationRetries retries) {
    failures++;
    if (testOnly || successor != null || !isWanted()) {
      return false;
    }
    return askedAgain || failures < retries.attempts();
  }

  /** Waits for the next attempt, unless one was requested. Returns false if interrupted. */
  private boolean waited() {
    try {
      Duration wait = rotations.retries().backOff(Math.max(failures, 1));
      if (wake.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
        rotations.locked(this::startCounting);
      }
      return true;
    } catch (InterruptedException e) {
      // Only the end of the local Secrets Manager interrupts a rotation.
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Void startCounting() {
    wake.drainPermits();
    if (askedAgain) {
      askedAgain = false;
      failures = 0;
    }
    return null;
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
