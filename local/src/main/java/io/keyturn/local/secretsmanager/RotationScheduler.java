package io.keyturn.local.secretsmanager;

import io.keyturn.local.LocalClock;
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
 * An alarm for each secret that has a next rotation. Secrets Manager rotates at any time in the
 * rotation window; here it is always the window's start, so that a rehearsal can be foretold.
 */
final class RotationScheduler implements AutoCloseable {
  /** Real time that makes up for the rounding between the clocks: better late than early. */
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

  /** Sets a secret's alarm, or none, in place of the one it had. */
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
      // Left to the executor, it would vanish in a future that nobody looks at.
      Bugs.print("the scheduled rotation of " + secretArn + " could not be started", e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
