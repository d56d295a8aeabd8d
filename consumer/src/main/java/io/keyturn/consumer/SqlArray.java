package io.keyturn.consumer;

import java.util.List;

/**
 * An array of a result.
 *
 * @param kind what its elements are
 * @param elements values or, with more dimensions, arrays of the same kind; null where SQL has NULL
 */
record SqlArray(Kind kind, List<Object> elements) {
  enum Kind {
    BOOLEAN("booleanValues"),
    LONG("longValues"),
    DOUBLE("doubleValues"),
    STRING("stringValues");

    private final String key;

    Kind(String key) {
      this.key = key;
    }

    /** The list's key in the RDS Data API's ArrayValue. */
    String key() {
      return key;
    }
  }

  boolean isNested() {
    return elements.stream().anyMatch(SqlArray.class::isInstance);
  }
}
