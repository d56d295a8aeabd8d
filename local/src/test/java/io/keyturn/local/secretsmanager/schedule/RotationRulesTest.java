package io.keyturn.local.secretsmanager.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationRulesTest {
  private static final Instant SET = Instant.parse("2026-03-04T09:30:00Z");

  private static RotationRules rules(Long days, String expression, String duration) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    fields.put("AutomaticallyAfterDays", days);
    fields.put("ScheduleExpression", expression);
    fields.put("Duration", duration);
    return RotationRules.parse(new Request(fields), SET);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          1    | -  | 2026-03-04T09:30:00Z | 2026-03-05T00:00:00Z | 2026-03-06T00:00:00Z
          30   | -  | 2026-03-04T09:30:00Z | 2026-04-03T00:00:00Z | 2026-04-04T00:00:00Z
          30   | 3h | 2026-03-04T00:00:00Z | 2026-04-03T00:00:00Z | 2026-04-03T03:00:00Z
          1000 | -  | 2026-03-04T23:59:59Z | 2028-11-28T00:00:00Z | 2028-11-29T00:00:00Z
          """)
  void daysCountFromThePreviousRotation(
      long days, String duration, Instant after, Instant start, Instant end) {
    assertThat(rules(days, null, duration).schedule(SET).next(after))
        .isEqualTo(new RotationSchedule.Window(start, end));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          rate(1 day)       | -   | 2026-03-04T09:30:00Z | 2026-03-05T00:00:00Z | 2026-03-06T00:00:00Z
          rate(1 days)      | 24h | 2026-03-05T00:00:00Z | 2026-03-06T00:00:00Z | 2026-03-07T00:00:00Z
          rate(10 days)     | 2h  | 2026-03-04T09:30:00Z | 2026-03-14T00:00:00Z | 2026-03-14T02:00:00Z
          rate(10 days)     | -   | 2026-03-20T00:00:00Z | 2026-03-24T00:00:00Z | 2026-03-25T00:00:00Z
          rate(999 days)    | -   | 2026-03-04T09:30:00Z | 2028-11-27T00:00:00Z | 2028-11-28T00:00:00Z
          rate(4 hours)     | -   | 2026-03-04T09:30:00Z | 2026-03-04T12:00:00Z | 2026-03-04T13:00:00Z
          rate(4 hours)     | 4h  | 2026-03-04T12:00:00Z | 2026-03-04T16:00:00Z | 2026-03-04T20:00:00Z
          rate(10 hours)    | 2h  | 2026-03-04T20:00:00Z | 2026-03-05T06:00:00Z | 2026-03-05T08:00:00Z
          rate(5 hours)     | -   | 2026-03-04T20:00:00Z | 2026-03-05T01:00:00Z | 2026-03-05T02:00:00Z
          rate(23976 hours) | -   | 2026-03-04T09:30:00Z | 2028-11-27T00:00:00Z | 2028-11-27T01:00:00Z
          """)
  void aRateCountsFromTheMidnightBeforeItWasSet(
      String expression, String duration, Instant after, Instant start, Instant end) {
    assertThat(rules(null, expression, duration).schedule(SET).next(after))
        .isEqualTo(new RotationSchedule.Window(start, end));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          cron(0 10 * * ? *)      | -  | 2026-03-04T09:30:00Z | 2026-03-04T10:00:00Z | 2026-03-05T00:00:00Z
          cron(0 10 * * ? *)      | 1h | 2026-03-04T10:00:00Z | 2026-03-05T10:00:00Z | 2026-03-05T11:00:00Z
          cron(0 10 ? * * *)      | -  | 2026-03-04T09:30:00Z | 2026-03-04T10:00:00Z | 2026-03-05T00:00:00Z
          cron(0 /8 * * ? *)      | 8h | 2026-03-04T09:30:00Z | 2026-03-04T16:00:00Z | 2026-03-05T00:00:00Z
          cron(0 8/8 * * ? *)     | -  | 2026-03-04T16:00:00Z | 2026-03-05T08:00:00Z | 2026-03-05T09:00:00Z
          cron(0 2/10 * * ? *)    | 2h | 2026-03-04T22:00:00Z | 2026-03-05T02:00:00Z | 2026-03-05T04:00:00Z
          cron(0 4/12 * * ? *)    | -  | 2026-03-04T09:30:00Z | 2026-03-04T16:00:00Z | 2026-03-04T17:00:00Z
          cron(0 18 ? * SAT *)    | -  | 2026-03-04T09:30:00Z | 2026-03-07T18:00:00Z | 2026-03-08T00:00:00Z
          cron(0 18 ? * 7 *)      | -  | 2026-03-04T09:30:00Z | 2026-03-07T18:00:00Z | 2026-03-08T00:00:00Z
          cron(0 18 ? * 1 *)      | -  | 2026-03-04T09:30:00Z | 2026-03-08T18:00:00Z | 2026-03-09T00:00:00Z
          cron(0 8 1 * ? *)       | -  | 2026-03-04T09:30:00Z | 2026-04-01T08:00:00Z | 2026-04-02T00:00:00Z
          cron(0 1 ? 1/3 SUN#1 *) | -  | 2026-03-04T09:30:00Z | 2026-04-05T01:00:00Z | 2026-04-06T00:00:00Z
          cron(0 17 L * ? *)      | -  | 2026-03-04T09:30:00Z | 2026-03-31T17:00:00Z | 2026-04-01T00:00:00Z
          cron(0 8 ? * MON-FRI *) | -  | 2026-03-06T08:00:00Z | 2026-03-09T08:00:00Z | 2026-03-10T00:00:00Z
          cron(0 16 1,15 * ? *)   | -  | 2026-03-04T09:30:00Z | 2026-03-15T16:00:00Z | 2026-03-16T00:00:00Z
          cron(0 0 ? * SUN#1 *)   | -  | 2026-03-04T09:30:00Z | 2026-04-05T00:00:00Z | 2026-04-06T00:00:00Z
          cron(0 0 ? * 2#1 *)     | -  | 2026-03-04T09:30:00Z | 2026-04-06T00:00:00Z | 2026-04-07T00:00:00Z
          cron(0 9 1/10 * ? *)    | -  | 2026-03-04T09:30:00Z | 2026-03-11T09:00:00Z | 2026-03-12T00:00:00Z
          cron(0 9 ? * L *)       | -  | 2026-03-04T09:30:00Z | 2026-03-07T09:00:00Z | 2026-03-08T00:00:00Z
          cron(0 9 ? * 6L *)      | -  | 2026-03-04T09:30:00Z | 2026-03-27T09:00:00Z | 2026-03-28T00:00:00Z
          cron(0 9 1 JAN,JUL ? *) | -  | 2026-03-04T09:30:00Z | 2026-07-01T09:00:00Z | 2026-07-02T00:00:00Z
          cron(0 9 1 */6 ? *)     | -  | 2026-03-04T09:30:00Z | 2026-07-01T09:00:00Z | 2026-07-02T00:00:00Z
          cron(0 0/7 1 * ? *)     | 3h | 2026-03-04T09:30:00Z | 2026-04-01T00:00:00Z | 2026-04-01T03:00:00Z
          """)
  void cronExpressionsNameTheirTimes(
      String expression, String duration, Instant after, Instant start, Instant end) {
    assertThat(rules(null, expression, duration).schedule(SET).next(after))
        .isEqualTo(new RotationSchedule.Window(start, end));
  }

  private static final String CRON = "The cron expression of the ScheduleExpression is not valid: ";
  private static final String FREQUENT =
      "A rotation schedule can't be more frequent than every four hours.";
  private static final String RATE =
      "A rate expression has the form rate(Value Unit): a positive number, then hour, hours, day or"
          + " days.";

  private static void refused(
      Long days, String expression, String duration, String type, String message) {
    assertThatThrownBy(() -> rules(days, expression, duration))
        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.type()).isEqualTo(type))
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({
    "rate(3 hours)",
    "rate(1 hour)",
    "cron(0 /3 * * ? *)",
    "cron(0 1/2 * * ? *)",
    "cron(0 0/7 * * ? *)",
    "cron(0 0/7 ? * MON-TUE *)"
  })
  void rotationsAreFourHoursApart(String expression) {
    refused(null, expression, null, "InvalidParameterException", FREQUENT);
  }

  @ParameterizedTest
  @CsvSource({
    "rate(0 days)",
    "rate(-1 days)",
    "rate(1 minute)",
    "rate(1 week)",
    "rate(ten days)",
    "rate(1day)",
    "rate(1  day)",
    "rate(1 day"
  })
  void aRateIsANumberOfHoursOrDays(String expression) {
    refused(null, expression, null, "InvalidParameterException", RATE);
  }

  @ParameterizedTest
  @CsvSource({"rate(1000 days)", "rate(23977 hours)", "rate(99999999999999999999 days)"})
  void aRateIsUpTo999Days(String expression) {
    refused(
        null,
        expression,
        null,
        "InvalidParameterException",
        "The maximum rotation period is 999 days.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          cron()                   | it must have the form
          cron(0 8 * * ?)          | it must have the form
          cron(0 8 * * ? * *)      | it must have the form
          cron(0 8 * * ? *         | it must have the form
          cron(5 8 * * ? *)        | the minutes must be 0
          cron(* 8 * * ? *)        | the minutes must be 0
          cron(0/30 8 * * ? *)     | the minutes must be 0
          cron(0 8 * * ? 2026)     | the year must be *
          cron(0 8 * * ? 2026-2030)| the year must be *
          cron(0 8 * * * *)        | one of day-of-month and day-of-week must be ?
          cron(0 8 1 * MON *)      | one of day-of-month and day-of-week must be ?
          cron(0 8 ? * ? *)        | one of day-of-month and day-of-week must be ?
          cron(0 24 * * ? *)       | the hours must be
          cron(0 * * * ? *)        | the hours must be
          cron(0 8,16 * * ? *)     | the hours must be
          cron(0 8-16 * * ? *)     | the hours must be
          cron(0 8/24 * * ? *)     | the hours must be
          cron(0 / * * ? *)        | the hours must be
          cron(0 8 32 * ? *)       |
          cron(0 8 0 * ? *)        |
          cron(0 8 15W * ? *)      |
          cron(0 8 LW * ? *)       |
          cron(0 8 2#1 * ? *)      |
          cron(0 8 1 13 ? *)       |
          cron(0 8 1 FOO ? *)      |
          cron(0 8 1 ? ? *)        |
          cron(0 8 1 L ? *)        |
          cron(0 8 ? * 8 *)        |
          cron(0 8 ? * 0 *)        |
          cron(0 8 ? * SUN#6 *)    |
          cron(0 8 ? * 6# *)       | a # stands between
          cron(0 8 30,? 8 ? *)     |
          cron(0 8 4-L * ? *)      |
          cron(0 8 ? * MONDAY *)   |
          cron(0 8 30 2 ? *)       | no such day ever comes
          """)
  void cronExpressionsThatTheServiceDoesNotAdmit(String expression, String why) {
    refused(null, expression, null, "InvalidParameterException", CRON + (why == null ? "" : why));
  }

  @ParameterizedTest
  @CsvSource({
    "rate(4 hours),       5h, into the next rotation window: windows start 4 hours apart.",
    "rate(5 hours),       2h, into the next UTC day: a window starts at 23:00.",
    "rate(2 days),       25h, into the next rotation window: windows start 24 hours apart.",
    "cron(0 22 * * ? *),  3h, into the next UTC day: a window starts at 22:00.",
    "cron(0 2/10 * * ? *), 3h, into the next UTC day: a window starts at 22:00.",
    "cron(0 /8 * * ? *),  9h, into the next rotation window: windows start 8 hours apart."
  })
  void aWindowCrossesNeitherTheDayNorTheNextWindow(
      String expression, String duration, String where) {
    refused(
        null,
        expression,
        duration,
        "InvalidParameterException",
        "The rotation window of " + duration + " extends " + where);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, -,           -",
        "-, -,           3h",
        "7, rate(1 day), -",
      })
  void daysOrAnExpressionAndNotBoth(Long days, String expression, String duration) {
    refused(
        days,
        expression,
        duration,
        "InvalidParameterException",
        "RotationRules must have either AutomaticallyAfterDays or ScheduleExpression, and not"
            + " both.");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      delimiter = '|',
      textBlock =
          """
          0    | -             | -    | automaticallyAfterDays
          1001 | -             | -    | automaticallyAfterDays
          -    | rate(1 day);  | -    | scheduleExpression
          -    | rate(1 day)   | 3    | duration
          -    | rate(1 day)   | PT1H | duration
          -    | rate(1 day)   | xh   | duration
          -    | rate(1 day)   | 100h | duration
          """)
  void limitsAndPatternsOfTheServiceModel(
      Long days, String expression, String duration, String field) {
    refused(
        days,
        expression,
        duration,
        "ValidationException",
        "1 validation error detected: Value at '" + field + "' failed to satisfy constraint: ");
  }

  @Test
  void anExpressionHasUpTo256Characters() {
    refused(
        null,
        "rate(" + "1".repeat(260) + " days)",
        null,
        "ValidationException",
        "1 validation error detected: Value at 'scheduleExpression'");
  }

  @Test
  void anExpressionIsARateOrACron() {
    refused(
        null,
        "every day",
        null,
        "InvalidParameterException",
        "The ScheduleExpression must be a rate() or a cron() expression.");
  }

  @Test
  void aWindowHasAtLeastOneHour() {
    refused(
        null,
        "rate(1 day)",
        "0h",
        "InvalidParameterException",
        "The Duration must be at least 1h.");
  }
}
