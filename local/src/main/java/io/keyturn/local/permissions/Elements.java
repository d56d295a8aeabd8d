package io.keyturn.local.permissions;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the elements of a policy and checks their types. */
final class Elements {
  private Elements() {}

  static Map<?, ?> map(Object value, String name) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new PolicyException(name + " must be a map of keys and values");
  }

  /** Returns the list, or a list of the one value. */
  static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of(value);
  }

  /** Returns the strings of a list, or a list of the one string. */
  static List<String> texts(Object value, String name) {
    if (value == null) {
      throw new PolicyException(name + " is missing");
    }
    List<String> texts = list(value).stream().map(item -> text(item, name)).toList();
    if (texts.isEmpty()) {
      throw new PolicyException(name + " has no value");
    }
    return texts;
  }

  private static String text(Object value, String name) {
    if (!(value instanceof String text)) {
      throw new PolicyException(name + " must be a string or a list of strings");
    }
    if (text.contains("${")) {
      throw new PolicyException(
          name + " has a policy variable, which the local stack does not support: " + text);
    }
    return text;
  }

  static void requireKnown(Map<?, ?> element, Set<String> known, String name) {
    for (Object key : element.keySet()) {
      if (!known.contains(key)) {
        throw new PolicyException(
            name
                + " has "
                + key
                + ", which the local stack does not support; it supports "
                + known);
      }
    }
  }
}
