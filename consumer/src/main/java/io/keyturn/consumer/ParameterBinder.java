package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Gives a statement the values of a request's parameters. */
final class ParameterBinder {
  private ParameterBinder() {}

  static void bind(PreparedStatement statement, List<String> names, Map<String, JsonNode> values)
      throws SQLException {
    Set<String> surplus = new LinkedHashSet<>(values.keySet());
    names.forEach(surplus::remove);
    if (!surplus.isEmpty()) {
      throw new BadRequestException("The SQL does not use these parameters: " + surplus);
    }
    int index = 0;
    for (String name : names) {
      JsonNode value = values.get(name);
      if (value == null) {
        throw new BadRequestException(
            "The SQL uses :" + name + ", but \"parameters\" has no value for it");
      }
      bind(statement, ++index, name, value);
    }
  }

  private static void bind(PreparedStatement statement, int index, String name, JsonNode value)
      throws SQLException {
    if (value.size() != 1) {
      throw wrong(name, "must have exactly one key, such as {\"longValue\":1}");
    }
    String kind = value.fieldNames().next();
    JsonNode content = value.get(kind);
    switch (kind) {
      case "isNull" -> {
        require(content.isBoolean() && content.booleanValue(), name, "\"isNull\" must be true");
        statement.setNull(index, Types.NULL);
      }
      case "booleanValue" -> {
        require(content.isBoolean(), name, "\"booleanValue\" must be true or false");
        statement.setBoolean(index, content.booleanValue());
      }
      case "longValue" -> {
        require(
            content.isIntegralNumber() && content.canConvertToLong(),
            name,
            "\"longValue\" must be a whole number of 64 bits");
        statement.setLong(index, content.longValue());
      }
      case "doubleValue" -> {
        require(content.isNumber(), name, "\"doubleValue\" must be a number");
        statement.setDouble(index, content.doubleValue());
      }
      case "stringValue" -> {
        require(content.isTextual(), name, "\"stringValue\" must be a text");
        statement.setString(index, content.textValue());
      }
      case "blobValue" -> statement.setBytes(index, base64(name, content));
      default ->
          throw wrong(
              name,
              "has the unknown kind \""
                  + kind
                  + "\": one of isNull, booleanValue, longValue, doubleValue, stringValue, blobValue");
    }
  }

  private static byte[] base64(String name, JsonNode content) {
    try {
      require(content.isTextual(), name, "\"blobValue\" must be Base64 text");
      return content.binaryValue();
    } catch (IOException e) {
      throw wrong(name, "\"blobValue\" is not valid Base64");
    }
  }

  private static void require(boolean condition, String name, String problem) {
    if (!condition) {
      throw wrong(name, problem);
    }
  }

  private static BadRequestException wrong(String name, String problem) {
    return new BadRequestException("The value of parameter \"" + name + "\" " + problem);
  }
}
