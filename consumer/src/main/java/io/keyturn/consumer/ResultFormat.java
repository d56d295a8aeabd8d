package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.consumer.QueryException.BadRequestException;

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
    if (RequestJson.isPresent(options) && !options.isObject()) {
      throw new BadRequestException(
          "\"resultSetOptions\" must be like {\"decimalReturnType\":\"STRING\"}");
    }
    return new ResultFormat(
        is(request, "formatRecordsAs", RecordsFormat.JSON),
        is(options, "decimalReturnType", DecimalReturnType.DOUBLE_OR_LONG),
        is(options, "longReturnType", LongReturnType.STRING));
  }

  private static <E extends Enum<E>> boolean is(JsonNode object, String key, E choice) {
    return RequestJson.choice(object, key, choice.getDeclaringClass())
        .filter(choice::equals)
        .isPresent();
  }
}
