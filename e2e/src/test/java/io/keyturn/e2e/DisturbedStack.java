package io.keyturn.e2e;

import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/**
 * A local stack whose rotations a test disturbs, and which looks before each retry, after each
 * rotation and all the while whether the secret's logins are as promised.
 */
final class DisturbedStack implements AutoCloseable {
  /** In place of a step: the function was starting and had asked for nothing yet. */
  static final String START = "start";

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Soon, since the server is looked at before each retry however soon it is. */
  private static final RotationRetries RETRIES = new RotationRetries(5, Duration.ofMillis(20));

  private final LocalStack stack;
  private final SecretLogins logins;
  private final LoginWatch watch;
  private final List<String> problems = new CopyOnWriteArrayList<>();
  private volatile Rotation running;

  private DisturbedStack(LocalStack stack) {
    this.stack = stack;
    logins = new SecretLogins(stack);
    watch = LoginWatch.start(logins);
    stack.secretsManager().addRotationListener(new Listener());
  }

  static DisturbedStack start(PostgresServer server, Strategy strategy) {
    return new DisturbedStack(
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .postgres(server)
            .strategy(strategy)
            .rotationRetries(RETRIES)
            .start());
  }

  Rotation rotate() {
    return rotate(failure -> true);
  }

  /**
   * Starts a rotation.
   *
   * @param beforeRetry what to do after each failure, before the server is looked at
   */
  Rotation rotate(BeforeRetry beforeRetry) {
    Rotation rotation = new Rotation(beforeRetry);
    stack.secretsManager().requests().clear();
    running = rotation;
    stack.rotate(rotation.versionId);
    return rotation;
  }

  /** Makes the next call of the rotator a cold start. */
  void restartRotator() {
    stack.lambda().restart(stack.rotationFunctionArn());
  }

  boolean isRotating() {
    return stack.secretsManager().isRotating(stack.secretArn());
  }

  /** Waits for the end of a rotation that was started last, and looks at the server. */
  RotationReport awaitEnd(Rotation rotation) throws InterruptedException {
    RotationReport report = rotation.awaitReport();
    note(() -> logins.problemsAfterRotationTo(report.versionId()), "after the rotation");
    return report;
  }

  /**
   * {@code kill -9} of the rotator's process, as soon as there is one.
   *
   * @return whether the rotation was still under way
   */
  boolean killRotator() {
    List<ProcessHandle> processes;
    do {
      if (!isRotating()) {
        return false;
      }
      processes =
          stack.lambda().processes(stack.rotationFunctionArn()).stream()
              .filter(ProcessHandle::isAlive)
              .toList();
    } while (processes.isEmpty());
    processes.forEach(ProcessHandle::destroyForcibly);
    return isRotating();
  }

  /** Whether the server has the new password. */
  boolean pendingLogsIn() throws SQLException {
    return logins.logsIn("AWSPENDING");
  }

  Strategy strategy() {
    return stack.strategy();
  }

  LoginWatch watch() {
    return watch;
  }

  /** Whatever was not as promised up to now. */
  List<String> problems() {
    List<String> all = new ArrayList<>(problems);
    all.addAll(watch.problems());
    return all;
  }

  @Override
  public void close() throws InterruptedException {
    watch.close();
    stack.close();
  }

  private void note(Problems source, String when) {
    try {
      source.find().forEach(problem -> problems.add(when + ": " + problem));
    } catch (Exception e) {
      problems.add(when + " the logins could not be tried: " + e);
    }
  }

  private interface Problems {
    List<String> find() throws Exception;
  }

  /** What a test does on the rotation's thread after each failure. */
  interface BeforeRetry {
    /** Whether the server can be asked then. */
    boolean run(Failure failure) throws Exception;
  }

  /** A step that failed, and in which of the phases of a rotation that was. */
  record Failure(RotationStepReport report, String phase) {
    String error() {
      return report.error().orElseThrow();
    }
  }

  /** One rotation with all its attempts. */
  static final class Rotation {
    private final String versionId = UUID.randomUUID().toString();
    private final BeforeRetry beforeRetry;
    private final List<String> succeeded = new ArrayList<>();
    private final List<Failure> failures = new ArrayList<>();
    private RotationReport report;

    private Rotation(BeforeRetry beforeRetry) {
      this.beforeRetry = beforeRetry;
    }

    /** Waits for the end of this step, or of the rotation. */
    void awaitStep(String step) throws InterruptedException {
      await(() -> succeeded.contains(step));
    }

    /** Waits for so many failures, or the end of the rotation, and returns the last of them. */
    Optional<Failure> awaitFailure(int count) throws InterruptedException {
      await(() -> failures.size() >= count);
      synchronized (this) {
        return failures.size() >= count ? Optional.of(failures.get(count - 1)) : Optional.empty();
      }
    }

    /** The steps that failed up to now, one of each attempt but the last. */
    synchronized List<Failure> failures() {
      return List.copyOf(failures);
    }

    private RotationReport awaitReport() throws InterruptedException {
      await(() -> false);
      return report;
    }

    private synchronized void await(BooleanSupplier event) throws InterruptedException {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (report == null && !event.getAsBoolean()) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          throw new AssertionError("The rotation hangs: " + succeeded + ", " + failures);
        }
        wait(left);
      }
    }

    private synchronized void end(RotationReport last) {
      report = last;
      notifyAll();
    }

    private synchronized void succeed(String step) {
      succeeded.add(step);
      notifyAll();
    }

    private synchronized void fail(Failure failure) {
      failures.add(failure);
      notifyAll();
    }
  }

  /** Called on the rotation's thread, which therefore waits for all that is done here. */
  private final class Listener implements RotationListener {
    @Override
    public void stepFinished(RotationStepReport step) {
      Rotation rotation = running;
      if (step.error().isEmpty()) {
        rotation.succeed(step.step());
        return;
      }
      // Each step begins with one; nobody but the rotator makes it here.
      boolean asked = stack.secretsManager().requests().count("DescribeSecret") > 0;
      stack.secretsManager().requests().clear();
      Failure failure = new Failure(step, asked ? step.step() : START);
      if (logins.holdPassword(failure.error())) {
        problems.add("a password stands in the error of " + step.step());
      }
      note(
          () -> rotation.beforeRetry.run(failure) ? logins.problem().stream().toList() : List.of(),
          "after the failure of " + failure.phase());
      rotation.fail(failure);
    }

    @Override
    public void rotationFinished(RotationReport report) {
      running.end(report);
    }
  }
}
