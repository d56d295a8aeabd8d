package io.keyturn.local.secretsmanager.schedule;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * The validated RotationRules of RotateSecret: a number of days or an expression, and the length of
 * a window.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html">RotationRulesType</a>
 */
public record RotationRules(
    OptionalLong days, Optional<String> expression, Optional<String> duration) {
  private static final Pattern DURATION = Pattern.compile("[0-9]+h");
  private static final Pattern EXPRESSION = Pattern.compile("[0-9A-Za-z()#?*\\-/, ]+");

  public static RotationRules parse(Request request, Instant now) {
    RotationRules rules =
        new RotationRules(
            request.number("AutomaticallyAfterDays", 1, 1000),
            request.text("ScheduleExpression", 1, 256, EXPRESSION),
            request.text("Duration", 2, 3, DURATION));
    if (rules.days.isPresent() == rules.expression.isPresent()) {
      throw ServiceException.invalidParameter(
          "RotationRules must have either AutomaticallyAfterDays or ScheduleExpression, and not"
              + " both.");
    }
    // What is wrong with a schedule shows when it is built; from then on it is known to be good.
    rules.schedule(now).next(now);
    return rules;
  }

  /** The schedule from the time it was set: a rate counts from the midnight before it. */
  public RotationSchedule schedule(Instant set) {
    OptionalInt hours = windowHours();
    if (days.isPresent()) {
      return new DaysSchedule(days.getAsLong(), hours);
    }
    String text = expression.orElseThrow();
    if (text.startsWith("rate(")) {
      return RateSchedule.parse(text, hours, set);
    }
    if (text.startsWith("cron(")) {
      return CronSchedule.parse(text, hours, set);
    }
    throw ServiceException.invalidParameter(
        "The ScheduleExpression must be a rate() or a cron() expression.");
  }

  public boolean countsDays() {
    return days.isPresent();
  }

  private OptionalInt windowHours() {
    if (duration.isEmpty()) {
      return OptionalInt.empty();
    }
    String text = duration.get();
    int hours = Integer.parseInt(text.substring(0, text.length() - 1));
    if (hours < 1) {
      throw ServiceException.invalidParameter("The Duration must be at least 1h.");
    }
    return OptionalInt.of(hours);
  }

  public void writeTo(ObjectNode answer) {
    days.ifPresent(n -> answer.put("AutomaticallyAfterDays", n));
    duration.ifPresent(text -> answer.put("Duration", text));
    expression.ifPresent(text -> answer.put("ScheduleExpression", text));
  }
}
