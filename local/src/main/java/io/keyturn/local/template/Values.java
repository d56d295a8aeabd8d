package io.keyturn.local.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Converts values of a template to the type that is expected. */
final class Values {
  private Values() {}

  /** Returns the map, or an empty one if the value is absent. */
  static Map<String, Object> map(Object value, Place place) {
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw place.error("a map of keys and values is expected, not " + describe(value));
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, item) -> copy.put((String) key, item));
    return copy;
  }

  static List<?> list(Object value, Place place) {
    if (value instanceof List<?> list) {
      return list;
    }
    throw place.error("a list is expected, not " + describe(value));
  }

  static String text(Object value, Place place) {
    if (value instanceof String text) {
      return text;
    }
    throw place.error("a string is expected, not " + describe(value));
  }

  static int integer(Object value, Place place) {
    String text = text(value, place);
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw place.error("a whole number is expected, not " + describe(value), e);
    }
  }

  static boolean bool(Object value, Place place) {
    return switch (text(value, place)) {
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      default -> throw place.error("true or false is expected, not " + describe(value));
    };
  }

  private static String describe(Object value) {
    if (value == null) {
      return "nothing";
    }
    if (value instanceof Map) {
      return "a map";
    }
    return value instanceof List ? "a list" : "\"" + value + "\"";
  }

  static List<?> arguments(Object argument, int min, int max, String form, Place place) {
    if (argument instanceof List<?> list && list.size() >= min && list.size() <= max) {
      return list;
    }
    throw place.error(form + " is expected");
  }

  /** Whether this map is a call of a function. */
  static boolean isFunction(Map<?, ?> map) {
    return map.size() == 1
        && map.keySet().stream().allMatch(key -> key.equals("Ref") || isFunctionName(key));
  }

  private static boolean isFunctionName(Object key) {
    return key instanceof String name && name.startsWith("Fn::");
  }
}
