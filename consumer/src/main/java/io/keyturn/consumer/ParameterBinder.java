package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryRequest.Parameter;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.postgresql.util.PGobject;

/** Gives a statement the values of a request's parameters. */
final class ParameterBinder {
  private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  private ParameterBinder() {}

  static void bind(PreparedStatement statement, SqlStatement sql, Map<String, Parameter> values)
      throws SQLException {
    List<String> names = sql.names();
    Set<String> surplus = new LinkedHashSet<>(values.keySet());
    names.forEach(surplus::remove);
    if (!surplus.isEmpty()) {
      throw new BadRequestException("The SQL does not use these parameters: %s".formatted(surplus));
    }
    int index = 0;
    for (String name : names) {
      Parameter parameter = values.get(name);
      if (parameter == null) {
        throw new BadRequestException(
            "The SQL uses :%s, but \"parameters\" has no value for it%s"
                .formatted(
                    name,
                    sql.followsBracket(name)
                        ? "; in an array slice, write a space after the colon: a[i : j]"
                        : ""));
      }
      bind(statement, ++index, name, parameter);
    }
  }

  private static void bind(PreparedStatement statement, int index, String name, Parameter parameter)
      throws SQLException {
    JsonNode value = parameter.value();
    if (value.size() != 1) {
      throw ParameterValue.wrong(name, "must have exactly one key, such as {\"longValue\":1}");
    }
    String kind = value.fieldNames().next();
    JsonNode content = value.get(kind);
    boolean hintable = Set.of("isNull", "stringValue", "arrayValue").contains(kind);
    ParameterValue.require(
        parameter.hint().isEmpty() || hintable, name, "has a typeHint, but is not a stringValue");
    switch (kind) {
      case "isNull" -> {
        ParameterValue.require(
            content.isBoolean() && content.booleanValue(), name, "\"isNull\" must be true");
        statement.setNull(index, Types.NULL);
      }
      case "booleanValue" -> {
        ParameterValue.require(content.isBoolean(), name, "\"booleanValue\" must be true or false");
        statement.setBoolean(index, content.booleanValue());
      }
      case "longValue" -> {
        ParameterValue.require(
            content.isIntegralNumber() && content.canConvertToLong(),
            name,
            "\"longValue\" must be a whole number of 64 bits");
        statement.setLong(index, content.longValue());
      }
      case "doubleValue" -> statement.setDouble(index, number(name, content));
      case "stringValue" -> {
        ParameterValue.require(content.isTextual(), name, "\"stringValue\" must be a string");
        setText(statement, index, name, content.textValue(), parameter.hint());
      }
      case "blobValue" -> statement.setBytes(index, base64(name, content));
      case "arrayValue" -> {
        ArrayParameter array = ArrayParameter.read(name, content, parameter.hint());
        statement.setObject(index, typed(array.type(), array.literal()));
      }
      default ->
          throw ParameterValue.wrong(
              name,
              "has the unknown kind \"%s\": use isNull, booleanValue, longValue, doubleValue, stringValue, blobValue or arrayValue"
                  .formatted(kind));
    }
  }

  private static void setText(
      PreparedStatement statement, int index, String name, String text, Optional<TypeHint> hint)
      throws SQLException {
    if (hint.isPresent()) {
      ParameterValue.requireFits(name, text, hint.get());
      statement.setObject(index, typed(hint.get().type(), text));
    } else {
      // As the Data API sends it; the driver's own would be varchar, which "text[] @>" refuses.
      statement.setObject(index, typed("text", text));
    }
  }

  private static PGobject typed(String type, String text) throws SQLException {
    PGobject object = new PGobject();
    object.setType(type);
    object.setValue(text);
    return object;
  }

  /** JSON has no number for the last three, and the SDKs write them as texts. */
  private static double number(String name, JsonNode content) {
    boolean named = content.isTextual() && NOT_FINITE.contains(content.textValue());
    ParameterValue.require(named || content.isNumber(), name, "\"doubleValue\" must be a number");
    double number = named ? Double.parseDouble(content.textValue()) : content.doubleValue();
    ParameterValue.require(named || Double.isFinite(number), name, "\"doubleValue\" is too large");
    return number;
  }

  private static byte[] base64(String name, JsonNode content) {
    try {
      ParameterValue.require(content.isTextual(), name, "\"blobValue\" must be a string in Base64");
      return content.binaryValue();
    } catch (IOException e) {
      throw ParameterValue.wrong(name, "\"blobValue\" is not valid Base64");
    }
  }
}
