package io.keyturn.local.secretsmanager.rotation;

import io.keyturn.local.secretsmanager.request.InternalErrors;
import io.keyturn.local.support.LocalClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A timer for the next rotation of each secret. Secrets Manager rotates at any time in the rotation
 * window. The local one always rotates at the start of the window, so that a rehearsal is
 * predictable.
 */
final class RotationScheduler implements AutoCloseable {
  /**
   * Real time that compensates for the rounding between the clocks: a rotation must not be early.
   */
  private static final Duration MARGIN = Duration.ofMillis(1);

  private final LocalClock clock;
  private final Consumer<String> alarm;
  private final Map<String, ScheduledFuture<?>> alarms = new HashMap<>();
  private final ScheduledThreadPoolExecutor timer;

  RotationScheduler(LocalClock clock, Consumer<String> alarm) {
    this.clock = clock;
    this.alarm = alarm;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "rotation-schedule");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Replaces a secret's timer, or removes it. */
  synchronized void set(String secretArn, Optional<Instant> due) {
    ScheduledFuture<?> before = alarms.remove(secretArn);
    if (before != null) {
      before.cancel(false);
    }
    if (due.isPresent() && !timer.isShutdown()) {
      Duration local = Duration.between(clock.instant(), due.get());
      Duration real = local.isNegative() ? Duration.ZERO : clock.toReal(local);
      alarms.put(
          secretArn,
          timer.schedule(() -> ring(secretArn), real.plus(MARGIN).toNanos(), TimeUnit.NANOSECONDS));
    }
  }

  private void ring(String secretArn) {
    try {
      alarm.accept(secretArn);
    } catch (RuntimeException e) {
      // The executor would store it in a future that is never read.
      InternalErrors.print("the scheduled rotation of " + secretArn + " could not be started", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
