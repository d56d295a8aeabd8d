package io.keyturn.local.secretsmanager;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far apart a schedule's rotation windows open, for those who make the local clock run faster
 * by that.
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
