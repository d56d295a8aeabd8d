package io.keyturn.local.template;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The template's parameters, with the values that they have here.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html">Parameters</a>
 */
final class Parameters {
  private final Place place;
  private final Map<String, Object> declared;
  private final Map<String, String> given;

  Parameters(Place place, Map<String, Object> declared, Map<String, String> given) {
    this.place = place;
    this.declared = declared;
    this.given = Map.copyOf(given);
    for (String name : new TreeMap<>(given).keySet()) {
      if (!declared.containsKey(name)) {
        throw place.error(
            "%s is not a parameter of this template; its parameters are %s"
                .formatted(name, declared.keySet()));
      }
    }
  }

  boolean has(String name) {
    return declared.containsKey(name);
  }

  /** Returns the parameter's value: a string, or a list of strings. */
  Object value(String name) {
    Place here = place.in(name);
    Map<String, Object> parameter = Values.map(declared.get(name), here);
    String type = Values.text(parameter.getOrDefault("Type", "String"), here.in("Type"));
    String value = given.get(name);
    if (value == null) {
      value = defaultValue(parameter, type, here);
    }
    Object allowed = parameter.get("AllowedValues");
    if (allowed != null && !Values.list(allowed, here.in("AllowedValues")).contains(value)) {
      throw here.error("\"" + value + "\" is not one of its AllowedValues, which are " + allowed);
    }
    return type.startsWith("List<") || type.equals("CommaDelimitedList")
        ? split(value)
        : (Object) value;
  }

  private static String defaultValue(Map<String, Object> parameter, String type, Place here) {
    // Such a default names an entry of the parameter store, which the local stack does not have.
    if (type.startsWith("AWS::SSM::Parameter::Value") || parameter.get("Default") == null) {
      throw here.error("it has no value; pass one with the template's parameters");
    }
    return Values.text(parameter.get("Default"), here.in("Default"));
  }

  private static List<String> split(String value) {
    return value.isBlank()
        ? List.of()
        : Arrays.stream(value.split(",", -1)).map(String::strip).toList();
  }
}
