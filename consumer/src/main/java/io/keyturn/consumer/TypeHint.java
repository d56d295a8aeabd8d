package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.regex.Pattern;

/**
 * The type of a parameter's text.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_SqlParameter.html">SqlParameter</a>
 */
enum TypeHint {
  DATE("date", "YYYY-MM-DD", Shape.DATE),
  TIME("time", "HH:MM:SS[.FFF]", Shape.TIME),
  TIMESTAMP("timestamp", "YYYY-MM-DD HH:MM:SS[.FFF]", Shape.DATE + " " + Shape.TIME),
  DECIMAL("numeric", "a decimal number", "[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?"),
  UUID(
      "uuid",
      "32 hexadecimal digits as 8-4-4-4-12",
      "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
  JSON("json", "valid JSON", "(?s).*");

  private final String type;
  private final String format;
  private final Pattern pattern;

  TypeHint(String type, String format, String pattern) {
    this.type = type;
    this.format = format;
    this.pattern = Pattern.compile(pattern);
  }

  /** PostgreSQL's type. */
  String type() {
    return type;
  }

  /** What a text must look like, for messages. */
  String format() {
    return format;
  }

  boolean fits(String text) {
    return pattern.matcher(text).matches() && exists(text);
  }

  /** Whether there is such a day, time or JSON. */
  private boolean exists(String text) {
    try {
      return switch (this) {
        case DATE -> LocalDate.parse(text) != null;
        case TIME -> LocalTime.parse(text) != null;
        case TIMESTAMP -> LocalDateTime.parse(text.replace(' ', 'T')) != null;
        case JSON -> !Shape.STRICT_JSON.readTree(text).isMissingNode();
        case DECIMAL, UUID -> true;
      };
    } catch (DateTimeException | JsonProcessingException e) {
      return false;
    }
  }

  /** What the constants above are made of, which cannot refer to the enum's own. */
  private static final class Shape {
    /** PostgreSQL has no year 0. */
    static final String DATE = "(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}";

    /** PostgreSQL keeps microseconds. */
    static final String TIME = "[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?";

    static final ObjectReader STRICT_JSON =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();
  }
}
