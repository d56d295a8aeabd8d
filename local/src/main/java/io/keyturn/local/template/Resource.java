package io.keyturn.local.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A resource whose condition holds, with its properties yet to be evaluated. */
record Resource(
    String logicalId,
    String type,
    Map<String, Object> properties,
    Place place,
    Evaluation evaluation) {
  static Resource of(String logicalId, Object resource, Place place, Evaluation evaluation) {
    Map<String, Object> parts = Values.map(resource, place);
    Place properties = place.in("Properties");
    return new Resource(
        logicalId,
        Values.text(parts.get("Type"), place.in("Type")),
        Values.map(parts.get("Properties"), properties),
        properties,
        evaluation);
  }

  Resource with(Map<String, Object> otherProperties) {
    return new Resource(logicalId, type, otherProperties, place, evaluation);
  }

  Place place(String property) {
    return place.in(property);
  }

  /** The evaluated property, or nothing if it is absent or AWS::NoValue. */
  Optional<Object> get(String property) {
    return Optional.ofNullable(properties.get(property))
        .map(value -> evaluation.evaluate(value, place(property)));
  }

  Optional<String> text(String property) {
    return get(property).map(value -> Values.text(value, place(property)));
  }

  Optional<Integer> integer(String property) {
    return get(property).map(value -> Values.integer(value, place(property)));
  }

  String requiredText(String property, String example) {
    return text(property)
        .orElseThrow(() -> place(property).error("it is missing; expected is " + example));
  }

  /** What Ref of this resource yields. */
  String reference() {
    return evaluation.text(Map.of("Ref", logicalId), place);
  }

  String attribute(String name) {
    return evaluation.text(Map.of("Fn::GetAtt", List.of(logicalId, name)), place);
  }
}
