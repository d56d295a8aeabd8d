package io.keyturn.e2e;

import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.LocalStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Rotates a stack's secret and holds each rotation back before finishSecret, so that its window,
 * which begins with the end of setSecret, is as long as a test wants.
 */
final class HeldRotations {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final LocalStack stack;
  private final BlockingQueue<RotationReport> reports = new ArrayBlockingQueue<>(1);
  private final List<Rotation> rotations = new ArrayList<>();
  private volatile Duration window;

  // Of the rotation under way, and only used by its own thread until its report is there.
  private long begin;
  private long changed;

  /** When a rotation ran, by {@link System#nanoTime()}: changed is when setSecret had ended. */
  record Rotation(Duration window, long begin, long changed, long end) {
    boolean overlaps(QueryClient.Sample sample) {
      return sample.end() - begin >= 0 && end - sample.begin() >= 0;
    }
  }

  HeldRotations(LocalStack stack) {
    this.stack = stack;
    stack.secretsManager().addRotationListener(new Listener());
  }

  /** Rotates, and waits for the end; any failure of a step is an error. */
  void rotate(Duration held) throws InterruptedException {
    window = held;
    stack.rotate(UUID.randomUUID().toString());
    RotationReport report = reports.poll(held.plus(PATIENCE).toNanos(), TimeUnit.NANOSECONDS);
    if (report == null || !report.succeeded() || report.attempts() > 1) {
      throw new AssertionError("Rotation " + (rotations.size() + 1) + ": " + report);
    }
  }

  List<Rotation> all() {
    return List.copyOf(rotations);
  }

  /** Called on the rotation's thread, which therefore waits for all that is done here. */
  private final class Listener implements RotationListener {
    @Override
    public void stepFinished(RotationStepReport report) {
      long now = System.nanoTime();
      switch (report.step()) {
        case "createSecret" -> begin = now - report.took().toNanos();
        case "setSecret" -> changed = now;
        case "testSecret" -> hold(changed + window.toNanos() - now);
        default -> rotations.add(new Rotation(window, begin, changed, now));
      }
    }

    @Override
    public void rotationFinished(RotationReport report) {
      reports.add(report);
    }

    private void hold(long nanos) {
      try {
        TimeUnit.NANOSECONDS.sleep(nanos);
      } catch (InterruptedException e) {
        // The stack ends.
        Thread.currentThread().interrupt();
      }
    }
  }
}
