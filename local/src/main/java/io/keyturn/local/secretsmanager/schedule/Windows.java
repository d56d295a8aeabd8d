package io.keyturn.local.secretsmanager.schedule;

import io.keyturn.local.secretsmanager.request.ServiceException;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How long a rotation window stays open: it crosses neither the end of the UTC day nor the start of
 * the next window.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html">Rotation
 *     schedules</a>
 */
final class Windows {
  private static final int DAY = 24;

  private Windows() {}

  /** Returns the window of a schedule in days: by default until the end of the day. */
  static Duration ofDay(int lastStartHour, OptionalInt hours) {
    return checked(hours.orElse(DAY - lastStartHour), lastStartHour, DAY);
  }

  /** Returns the window of a schedule in hours: by default one hour. */
  static Duration ofHours(int lastStartHour, OptionalInt hours, int hoursBetween) {
    return checked(hours.orElse(1), lastStartHour, hoursBetween);
  }

  private static Duration checked(int hours, int lastStartHour, int hoursBetween) {
    if (hours > hoursBetween) {
      throw ServiceException.invalidParameter(
          "The rotation window of %sh extends into the next rotation window: windows start %s hours apart."
              .formatted(hours, hoursBetween));
    }
    if (lastStartHour + hours > DAY) {
      throw ServiceException.invalidParameter(
          "The rotation window of %sh extends into the next UTC day: a window starts at %s:00."
              .formatted(hours, lastStartHour));
    }
    return Duration.ofHours(hours);
  }
}
