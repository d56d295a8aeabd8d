package io.keyturn.local.secretsmanager.schedule;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The time between a schedule's rotation windows, from which the speed of a faster local clock
 * follows.
 */
public final class SchedulePeriod {
  private SchedulePeriod() {}

  /**
   * The time from the next window's opening to the one after it; of a cron expression, others may
   * differ.
   */
  public static Duration of(
      Optional<Integer> automaticallyAfterDays,
      Optional<String> scheduleExpression,
      Optional<String> duration) {
    OptionalLong days =
        automaticallyAfterDays.map(n -> OptionalLong.of(n)).orElseGet(OptionalLong::empty);
    Instant now = Instant.now();
    RotationSchedule schedule = new RotationRules(days, scheduleExpression, duration).schedule(now);
    Instant first = schedule.next(now).start();
    return Duration.between(first, schedule.next(first).start());
  }
}
