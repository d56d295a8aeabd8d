package io.keyturn.local.secretsmanager.schedule;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;

/** AutomaticallyAfterDays: a number of days after the previous rotation, from midnight. */
final class DaysSchedule implements RotationSchedule {
  private final Duration between;
  private final Duration window;

  DaysSchedule(long days, OptionalInt windowHours) {
    this.between = Duration.ofDays(days);
    this.window = Windows.ofDay(0, windowHours);
  }

  @Override
  public Window next(Instant after) {
    Instant start = after.truncatedTo(ChronoUnit.DAYS).plus(between);
    return new Window(start, start.plus(window));
  }
}
