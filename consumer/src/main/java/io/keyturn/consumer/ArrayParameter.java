package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.postgresql.jdbc.PgArray;

/**
 * An {@code arrayValue} as PostgreSQL writes arrays.
 *
 * <p>The RDS Data API has arrays in its model, but refuses them as parameters.
 */
final class ArrayParameter {
  private final String name;
  private final Optional<TypeHint> hint;
  private final StringBuilder literal = new StringBuilder();

  /** The kind of all elements, set by the first list that does not hold lists. */
  private String elementKind;

  private ArrayParameter(String name, Optional<TypeHint> hint) {
    this.name = name;
    this.hint = hint;
  }

  /**
   * @param name the parameter, for messages
   * @param hint what the elements are, if they are texts
   */
  static ArrayParameter read(String name, JsonNode array, Optional<TypeHint> hint) {
    ArrayParameter parameter = new ArrayParameter(name, hint);
    parameter.append(array);
    ParameterValue.require(
        parameter.elementKind != null,
        name,
        "\"arrayValues\" must not be empty; write an empty array as {\"longValues\":[]}");
    ParameterValue.require(
        hint.isEmpty() || parameter.elementKind.equals("stringValues"),
        name,
        "has a typeHint, but is not an array of stringValues");
    return parameter;
  }

  /** PostgreSQL's name of the type, where an array's begins with an underscore. */
  String type() {
    return switch (elementKind) {
      case "booleanValues" -> "_bool";
      case "longValues" -> "_int8";
      case "doubleValues" -> "_float8";
      default -> "_" + hint.map(TypeHint::type).orElse("text");
    };
  }

  String literal() {
    return literal.toString();
  }

  private void append(JsonNode array) {
    ParameterValue.require(
        array.isObject() && array.size() == 1,
        name,
        "must have one list in each \"arrayValue\", such as {\"longValues\":[1,2]}");
    String kind = array.fieldNames().next();
    JsonNode elements = array.get(kind);
    ParameterValue.require(elements.isArray(), name, "\"%s\" must be a list".formatted(kind));
    if (!kind.equals("arrayValues")) {
      ParameterValue.require(
          elementKind == null || elementKind.equals(kind), name, "mixes kinds of elements");
      elementKind = kind;
    }
    char separator = '{';
    for (JsonNode element : elements) {
      literal.append(separator);
      append(kind, element);
      separator = ',';
    }
    literal.append(elements.isEmpty() ? "{}" : "}");
  }

  private void append(String kind, JsonNode element) {
    if (kind.equals("arrayValues")) {
      append(element);
    } else if (element.isNull()) {
      literal.append("NULL");
    } else {
      PgArray.escapeArrayElement(literal, text(kind, element));
    }
  }

  private String text(String kind, JsonNode element) {
    boolean right =
        switch (kind) {
          case "booleanValues" -> element.isBoolean();
          case "longValues" -> element.isIntegralNumber() && element.canConvertToLong();
          case "doubleValues" -> element.isNumber();
          case "stringValues" -> element.isTextual();
          default ->
              throw ParameterValue.wrong(
                  name,
                  "has the unknown kind \"%s\": use booleanValues, longValues, doubleValues, stringValues or arrayValues"
                      .formatted(kind));
        };
    ParameterValue.require(
        right, name, "has an element that does not belong into \"%s\"".formatted(kind));
    hint.ifPresent(type -> ParameterValue.requireFits(name, element.asText(), type));
    return element.asText();
  }
}
