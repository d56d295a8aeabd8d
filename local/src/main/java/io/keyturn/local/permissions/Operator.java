package io.keyturn.local.permissions;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/**
 * A condition operator.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html">Condition
 *     operators</a>
 */
record Operator(BiPredicate<String, String> matches, boolean negated) {
  private static final Map<String, Operator> BY_NAME =
      new TreeMap<>(
          Map.of(
              "StringEquals", new Operator(String::equals, false),
              "StringNotEquals", new Operator(String::equals, true),
              "StringLike", new Operator(Patterns::matches, false),
              "StringNotLike", new Operator(Patterns::matches, true),
              "ArnEquals", new Operator(Patterns::matchesArn, false),
              "ArnNotEquals", new Operator(Patterns::matchesArn, true),
              "ArnLike", new Operator(Patterns::matchesArn, false),
              "ArnNotLike", new Operator(Patterns::matchesArn, true),
              "Bool", new Operator(String::equalsIgnoreCase, false)));

  static Operator named(String name) {
    Operator operator = BY_NAME.get(name);
    if (operator == null) {
      throw new PolicyException(
          "The local stack does not support the condition operator %s; it supports Null, %s, and ForAnyValue: and ForAllValues: before them"
              .formatted(name, String.join(", ", BY_NAME.keySet())));
    }
    return operator;
  }

  /** A policy's values are alternatives. For a negated operator, none may match. */
  boolean holds(String value, List<String> ofPolicy) {
    return ofPolicy.stream().anyMatch(one -> matches.test(one, value)) != negated;
  }

  /** A key that is absent from the request matches nothing. */
  boolean holdsWithoutKey() {
    return negated;
  }
}
