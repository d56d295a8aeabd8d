package io.keyturn.local.secretsmanager.schedule;

import io.keyturn.local.secretsmanager.request.ServiceException;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The hours field of a cron expression: an hour, or an increment that restarts each day. */
record CronHours(int first, OptionalInt increment) {
  static final int CLOSEST = 4;
  private static final Pattern SYNTAX = Pattern.compile("(?=.)([0-9]{0,2})(?:/([0-9]{1,2}))?");
  private static final int DAY = 24;

  static CronHours parse(String field) {
    Matcher match = SYNTAX.matcher(field);
    if (!match.matches()) {
      throw refused("the hours must be 0 to 23, or an increment such as 4/12");
    }
    int first = match.group(1).isEmpty() ? 0 : Integer.parseInt(match.group(1));
    OptionalInt increment =
        match.group(2) == null
            ? OptionalInt.empty()
            : OptionalInt.of(Integer.parseInt(match.group(2)));
    if (first >= DAY || increment.orElse(0) >= DAY) {
      throw refused("the hours must be 0 to 23, or an increment such as 4/12");
    }
    if (increment.isPresent() && increment.getAsInt() < CLOSEST) {
      throw ServiceException.invalidParameter(
          "A rotation schedule can't be more frequent than every four hours.");
    }
    return new CronHours(first, increment);
  }

  static ServiceException refused(String why) {
    return ServiceException.invalidParameter(
        "The cron expression of the ScheduleExpression is not valid: %s.".formatted(why));
  }

  String text() {
    return increment.isPresent() ? first + "/" + increment.getAsInt() : String.valueOf(first);
  }

  int last() {
    int step = increment.orElse(DAY);
    return first + (DAY - 1 - first) / step * step;
  }

  /** The shortest time between two windows, the one over midnight included. */
  int between() {
    int overMidnight = DAY - last() + first;
    return Math.min(increment.orElse(DAY), overMidnight);
  }
}
