package io.keyturn.local.secretsmanager.schedule;

import io.keyturn.local.secretsmanager.request.ServiceException;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code rate(N hours)} or {@code rate(N days)}, counted from a midnight. */
final class RateSchedule implements RotationSchedule {
  private static final Pattern SYNTAX = Pattern.compile("rate\\(([1-9][0-9]*) (hours?|days?)\\)");
  private static final int MIN_HOURS = 4;
  private static final int MAX_DAYS = 999;
  private static final int DAY = 24;

  private final Instant origin;
  private final Duration between;
  private final Duration window;

  private RateSchedule(Instant origin, Duration between, Duration window) {
    this.origin = origin;
    this.between = between;
    this.window = window;
  }

  static RateSchedule parse(String expression, OptionalInt windowHours, Instant set) {
    Matcher match = SYNTAX.matcher(expression);
    if (!match.matches()) {
      throw ServiceException.invalidParameter(
          "A rate expression has the form rate(Value Unit): a positive number, then hour, hours,"
              + " day or days.");
    }
    boolean inDays = match.group(2).startsWith("day");
    long value = limited(match.group(1));
    long hours = inDays ? value * DAY : value;
    if (hours < MIN_HOURS) {
      throw ServiceException.invalidParameter(
          "A rotation schedule can't be more frequent than every four hours.");
    }
    if (hours > MAX_DAYS * DAY) {
      throw ServiceException.invalidParameter("The maximum rotation period is 999 days.");
    }
    Duration window =
        inDays
            ? Windows.ofDay(0, windowHours)
            : Windows.ofHours(lastStart(hours), windowHours, (int) hours);
    return new RateSchedule(set.truncatedTo(ChronoUnit.DAYS), Duration.ofHours(hours), window);
  }

  private static long limited(String digits) {
    BigInteger value = new BigInteger(digits);
    BigInteger tooMuch = BigInteger.valueOf(MAX_DAYS * DAY + 1L);
    return value.min(tooMuch).longValueExact();
  }

  /** The latest hour at which a window starts: five hours apart, windows reach every hour. */
  private static int lastStart(long hours) {
    int step = BigInteger.valueOf(hours).gcd(BigInteger.valueOf(DAY)).intValueExact();
    return DAY - step;
  }

  @Override
  public Window next(Instant after) {
    long passed = Math.floorDiv(Duration.between(origin, after).toMillis(), between.toMillis());
    Instant start = origin.plus(between.multipliedBy(passed + 1));
    return new Window(start, start.plus(window));
  }
}
