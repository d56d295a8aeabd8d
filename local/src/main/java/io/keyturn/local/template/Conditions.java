package io.keyturn.local.template;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The template's conditions.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html">Condition
 *     functions</a>
 */
final class Conditions {
  private final Map<String, Object> declared;
  private final Place section;
  private final Set<String> underEvaluation = new HashSet<>();
  private Evaluation values;

  Conditions(Map<String, Object> declared, Place section) {
    this.declared = declared;
    this.section = section;
  }

  /** Sets what evaluates the values that conditions compare; the two need each other. */
  void compareBy(Evaluation evaluation) {
    values = evaluation;
  }

  /** Whether the condition of this name holds. */
  boolean named(String name, Place place) {
    if (!declared.containsKey(name)) {
      throw place.error(
          "there is no condition " + name + "; the template has " + declared.keySet());
    }
    if (!underEvaluation.add(name)) {
      throw place.error("condition " + name + " depends on itself");
    }
    try {
      return test(declared.get(name), section.in(name));
    } finally {
      underEvaluation.remove(name);
    }
  }

  boolean test(Object condition, Place place) {
    Map<String, Object> map = Values.map(condition, place);
    String function = map.size() == 1 ? map.keySet().iterator().next() : "";
    Object argument = map.get(function);
    Place here = place.in(function);
    return switch (function) {
      case "Condition" -> named(Values.text(argument, here), here);
      case "Fn::Equals" -> {
        List<?> sides = Values.arguments(argument, 2, 2, "[value, value]", here);
        Object left = values.evaluate(sides.get(0), here.in(0));
        yield Objects.equals(left, values.evaluate(sides.get(1), here.in(1)));
      }
      case "Fn::Not" ->
          !test(Values.arguments(argument, 1, 1, "[condition]", here).get(0), here.in(0));
      case "Fn::And" -> count(argument, here) == Values.list(argument, here).size();
      case "Fn::Or" -> count(argument, here) > 0;
      default -> throw place.error("Condition or one of Fn::And, Equals, Not and Or is expected");
    };
  }

  private int count(Object argument, Place place) {
    List<?> conditions = Values.arguments(argument, 2, 10, "a list of 2 to 10 conditions", place);
    int count = 0;
    for (int i = 0; i < conditions.size(); i++) {
      if (test(conditions.get(i), place.in(i))) {
        count++;
      }
    }
    return count;
  }
}
