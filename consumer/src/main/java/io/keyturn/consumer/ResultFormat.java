package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import java.util.Arrays;
import java.util.Locale;

/**
 * How rows are to be answered.
 *
 * @param json as a JSON text of a list of objects, not as fields
 * @param decimalsAsNumbers numeric as a number, at the risk of its digits; otherwise as a text
 * @param longsAsText whole numbers as texts
 */
record ResultFormat(boolean json, boolean decimalsAsNumbers, boolean longsAsText) {
  private enum RecordsFormat {
    NONE,
    JSON
  }

  private enum DecimalReturnType {
    STRING,
    DOUBLE_OR_LONG
  }

  private enum LongReturnType {
    LONG,
    STRING
  }

  static ResultFormat read(JsonNode request) {
    JsonNode options = request.path("resultSetOptions");
    if (QueryRequest.isPresent(options) && !options.isObject()) {
      throw new BadRequestException(
          "\"resultSetOptions\" must be like {\"decimalReturnType\":\"STRING\"}");
    }
    return new ResultFormat(
        choice(request, "formatRecordsAs", RecordsFormat.NONE) == RecordsFormat.JSON,
        choice(options, "decimalReturnType", DecimalReturnType.STRING)
            == DecimalReturnType.DOUBLE_OR_LONG,
        choice(options, "longReturnType", LongReturnType.LONG) == LongReturnType.STRING);
  }

  private static <E extends Enum<E>> E choice(JsonNode object, String key, E otherwise) {
    return QueryRequest.text(object, key)
        .map(name -> choice(otherwise.getDeclaringClass(), name, key))
        .orElse(otherwise);
  }

  /** One of an enumeration's names, as it is written there. */
  static <E extends Enum<E>> E choice(Class<E> kinds, String name, String key) {
    return Arrays.stream(kinds.getEnumConstants())
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new BadRequestException(
                    String.format(
                        Locale.ROOT,
                        "\"%s\" must be one of %s",
                        key,
                        Arrays.toString(kinds.getEnumConstants()))));
  }
}
