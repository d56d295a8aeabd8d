package io.keyturn.local.permissions;

import java.util.List;

/** One key of a statement's Condition. */
public interface Condition {
  /**
   * Whether the condition holds for this access.
   *
   * @throws PolicyException if the access has several values for a condition that takes one
   */
  boolean holds(Access access);

  /**
   * Reads a condition.
   *
   * @param operator such as {@code ForAnyValue:StringLike}
   */
  static Condition of(String operator, String key, List<String> values) {
    if (operator.equals("Null")) {
      return isNull(key, values);
    }
    int colon = operator.indexOf(':');
    Operator each = Operator.named(operator.substring(colon + 1));
    String set = operator.substring(0, Math.max(0, colon));
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    return switch (set) {
      case "" -> access -> single(access.values(key), key, each, values);
      // For an absent key ForAnyValue is false and ForAllValues is true.
      case "ForAnyValue" ->
          access -> access.values(key).stream().anyMatch(value -> each.holds(value, values));
      case "ForAllValues" ->
          access -> access.values(key).stream().allMatch(value -> each.holds(value, values));
      default ->
          throw new PolicyException(
              "The local stack does not support " + set + ": before a condition operator");
    };
  }

  private static boolean single(
      List<String> actual, String key, Operator operator, List<String> values) {
    if (actual.size() > 1) {
      throw new PolicyException(
          "Condition key %s has several values, so its operator needs ForAnyValue: or ForAllValues:"
              .formatted(key));
    }
    return actual.isEmpty() ? operator.holdsWithoutKey() : operator.holds(actual.get(0), values);
  }

  private static Condition isNull(String key, List<String> values) {
    if (!List.of(List.of("true"), List.of("false")).contains(values)) {
      throw new PolicyException("Null of " + key + " must be true or false, not " + values);
    }
    boolean absent = values.contains("true");
    return access -> access.values(key).isEmpty() == absent;
  }
}
