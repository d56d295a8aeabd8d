package io.keyturn.local.template;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Evaluates CloudFormation's intrinsic functions.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html">Intrinsic
 *     function reference</a>
 */
final class Intrinsics implements Evaluation {
  private static final Object NO_VALUE = new Object();

  private final References references;
  private final Conditions conditions;

  Intrinsics(References references, Conditions conditions) {
    this.references = references;
    this.conditions = conditions;
  }

  @Override
  public Object evaluate(Object value, Place place) {
    Object result = value(value, place);
    return result == NO_VALUE ? null : result;
  }

  private Object value(Object value, Place place) {
    if (value instanceof Map<?, ?> raw) {
      Map<String, Object> map = Values.map(raw, place);
      if (Values.isFunction(map)) {
        Map.Entry<String, Object> function = map.entrySet().iterator().next();
        return call(function.getKey(), function.getValue(), place.in(function.getKey()));
      }
      Map<String, Object> result = new LinkedHashMap<>();
      map.forEach((key, item) -> putUnlessAbsent(result, key, value(item, place.in(key))));
      return result;
    }
    if (value instanceof List<?> list) {
      List<Object> result = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        Object item = value(list.get(i), place.in(i));
        if (item != NO_VALUE) {
          result.add(item);
        }
      }
      return result;
    }
    return value instanceof String text ? references.resolveDynamic(text, place) : value;
  }

  private static void putUnlessAbsent(Map<String, Object> map, String key, Object value) {
    if (value != NO_VALUE) {
      map.put(key, value);
    }
  }

  private Object call(String function, Object argument, Place place) {
    return switch (function) {
      case "Ref" -> ref(Values.text(argument, place), place);
      case "Fn::GetAtt" -> getAtt(argument, place);
      case "Fn::Sub" ->
          references.resolveDynamic(Substitution.evaluate(argument, this, place), place);
      case "Fn::If" -> {
        List<?> parts =
            Values.arguments(argument, 3, 3, "[condition, value if true, value if false]", place);
        boolean condition = conditions.named(Values.text(parts.get(0), place.in(0)), place.in(0));
        int chosen = condition ? 1 : 2;
        yield value(parts.get(chosen), place.in(chosen));
      }
      case "Fn::Join" -> {
        List<?> parts = Values.arguments(argument, 2, 2, "[delimiter, list]", place);
        yield String.join(Values.text(parts.get(0), place.in(0)), texts(parts.get(1), place.in(1)));
      }
      case "Fn::Split" -> {
        List<?> parts = Values.arguments(argument, 2, 2, "[delimiter, string]", place);
        yield Arrays.asList(
            text(parts.get(1), place.in(1))
                .split(Pattern.quote(Values.text(parts.get(0), place.in(0))), -1));
      }
      case "Fn::Select" -> select(argument, place);
      default ->
          throw place.error(
              "%s is not evaluated for the local stack, which supports Ref, Fn::GetAtt, If, Join, Select, Split and Sub; write the value out, or pass it as a parameter"
                  .formatted(function));
    };
  }

  private Object ref(String name, Place place) {
    return name.equals("AWS::NoValue") ? NO_VALUE : references.ref(name, place);
  }

  private String getAtt(Object argument, Place place) {
    List<String> parts =
        argument instanceof String text ? List.of(text.split("\\.", 2)) : texts(argument, place);
    if (parts.size() < 2) {
      throw place.error("[resource, attribute] or resource.attribute is expected");
    }
    return references.getAtt(parts.get(0), String.join(".", parts.subList(1, parts.size())), place);
  }

  private Object select(Object argument, Place place) {
    List<?> parts = Values.arguments(argument, 2, 2, "[index, list]", place);
    int index = Values.integer(evaluate(parts.get(0), place.in(0)), place.in(0));
    List<?> list = Values.list(evaluate(parts.get(1), place.in(1)), place.in(1));
    if (index < 0 || index >= list.size()) {
      throw place.error("index " + index + " is outside the list, which has " + list.size());
    }
    return list.get(index);
  }

  private List<String> texts(Object value, Place place) {
    List<?> list = Values.list(evaluate(value, place), place);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      texts.add(Values.text(list.get(i), place.in(i)));
    }
    return texts;
  }
}
