package io.keyturn.local.secretsmanager.schedule;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code cron(Minutes Hours Day-of-month Month Day-of-week Year)} as Secrets Manager restricts it.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html#rotate-secrets_schedule-cron">Cron
 *     expressions</a>
 */
final class CronSchedule implements RotationSchedule {
  private static final Pattern SYNTAX = Pattern.compile("cron\\((.*)\\)");

  /** The number of rotations to look ahead for two that are too close, also on consecutive days. */
  private static final int CHECKED_AHEAD = 50;

  private static final CronParser PARSER = new CronParser(definition());

  private final ExecutionTime times;
  private final Duration window;

  private CronSchedule(ExecutionTime times, Duration window) {
    this.times = times;
    this.window = window;
  }

  /** The day fields with the wildcards they may have; minutes, hours and year are checked here. */
  private static CronDefinition definition() {
    return CronDefinitionBuilder.defineCron()
        .withMinutes()
        .withValidRange(0, 0)
        .withStrictRange()
        .and()
        .withHours()
        .withValidRange(0, 23)
        .withStrictRange()
        .and()
        .withDayOfMonth()
        .withValidRange(1, 31)
        .supportsL()
        .supportsQuestionMark()
        .withStrictRange()
        .and()
        .withMonth()
        .withValidRange(1, 12)
        .withStrictRange()
        .and()
        .withDayOfWeek()
        .withValidRange(1, 7)
        .withMondayDoWValue(2)
        .supportsHash()
        .supportsL()
        .supportsQuestionMark()
        .withStrictRange()
        .and()
        .instance();
  }

  static CronSchedule parse(String expression, OptionalInt windowHours, Instant from) {
    Matcher syntax = SYNTAX.matcher(expression);
    String[] fields = syntax.matches() ? syntax.group(1).trim().split(" +", -1) : new String[0];
    if (fields.length != 6) {
      throw CronHours.refused(
          "it must have the form cron(Minutes Hours Day-of-month Month Day-of-week Year)");
    }
    if (!fields[0].equals("0")) {
      throw CronHours.refused("the minutes must be 0, since rotation windows start on the hour");
    }
    if (!fields[5].equals("*")) {
      throw CronHours.refused("the year must be *");
    }
    if (fields[2].equals("?") == fields[4].equals("?")) {
      throw CronHours.refused("one of day-of-month and day-of-week must be ?, and not both");
    }
    CronHours hours = CronHours.parse(fields[1]);
    ExecutionTime times = checkedTimes(hours, fields, from);
    Duration window =
        hours.increment().isPresent()
            ? Windows.ofHours(hours.last(), windowHours, hours.between())
            : Windows.ofDay(hours.first(), windowHours);
    return new CronSchedule(times, window);
  }

  private static ExecutionTime checkedTimes(CronHours hours, String[] fields, Instant from) {
    String text = String.join(" ", "0", hours.text(), fields[2], fields[3], fields[4]);
    try {
      Cron cron = PARSER.parse(text).validate();
      ExecutionTime times = ExecutionTime.forCron(cron);
      // cron-utils finds some mistakes only when it looks for a date.
      refuseTooFrequent(times, from);
      return times;
    } catch (IllegalArgumentException e) {
      throw CronHours.refused(e.getMessage());
    } catch (IndexOutOfBoundsException e) {
      // cron-utils assumes that a number follows a #.
      throw CronHours.refused("a # stands between a day and its number in the month, as in SUN#1");
    }
  }

  private static void refuseTooFrequent(ExecutionTime times, Instant from) {
    Instant start =
        start(times, from).orElseThrow(() -> CronHours.refused("no such day ever comes"));
    for (int i = 0; i < CHECKED_AHEAD; i++) {
      Instant next =
          start(times, start).orElseThrow(() -> CronHours.refused("no such day comes twice"));
      if (Duration.between(start, next).compareTo(Duration.ofHours(CronHours.CLOSEST)) < 0) {
        throw ServiceException.invalidParameter(
            "A rotation schedule can't be more frequent than every four hours.");
      }
      start = next;
    }
  }

  private static Optional<Instant> start(ExecutionTime times, Instant after) {
    return times.nextExecution(after.atZone(ZoneOffset.UTC)).map(next -> next.toInstant());
  }

  @Override
  public Window next(Instant after) {
    Instant start =
        start(times, after).orElseThrow(() -> new IllegalStateException("No date after " + after));
    return new Window(start, start.plus(window));
  }
}
