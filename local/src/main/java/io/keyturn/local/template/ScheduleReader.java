package io.keyturn.local.template;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads when the secrets of a template are rotated, and by which function.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-rotationschedule.html">AWS::SecretsManager::RotationSchedule</a>
 */
final class ScheduleReader {
  private final List<TemplateFunction> functions;
  private final SecretReader secrets;

  ScheduleReader(List<TemplateFunction> functions, SecretReader secrets) {
    this.functions = functions;
    this.secrets = secrets;
  }

  List<TemplateSchedule> read(Map<String, Resource> resources) {
    return resources.values().stream()
        .filter(resource -> resource.type().equals("AWS::SecretsManager::RotationSchedule"))
        .map(this::schedule)
        .toList();
  }

  private TemplateSchedule schedule(Resource resource) {
    String secret = resource.requiredText("SecretId", "the secret, such as !Ref Secret");
    String function =
        resource.requiredText(
            "RotationLambdaARN", "the rotation function, such as !GetAtt RotatorFunction.Arn");
    Place place = resource.place("RotationRules");
    Map<String, Object> rules = Values.map(resource.get("RotationRules").orElse(null), place);
    Optional<Integer> days =
        Optional.ofNullable(rules.get("AutomaticallyAfterDays"))
            .map(value -> Values.integer(value, place.in("AutomaticallyAfterDays")));
    Optional<String> expression = text(rules, "ScheduleExpression", place);
    if (days.isPresent() && expression.isPresent()) {
      throw place.error(
          "Secrets Manager takes either AutomaticallyAfterDays or ScheduleExpression; remove one");
    }
    if (days.isPresent() && (days.get() < 1 || days.get() > 1000)) {
      throw place
          .in("AutomaticallyAfterDays")
          .error("1 to 1000 days are expected, not " + days.get());
    }
    return new TemplateSchedule(
        resource.logicalId(),
        secret,
        secrets.secretOf(secret),
        function,
        TemplateFunction.named(functions, function),
        days,
        expression,
        text(rules, "Duration", place),
        resource
            .get("RotateImmediatelyOnUpdate")
            .map(value -> Values.bool(value, resource.place("RotateImmediatelyOnUpdate")))
            .orElse(true));
  }

  private static Optional<String> text(Map<String, Object> rules, String rule, Place place) {
    return Optional.ofNullable(rules.get(rule)).map(value -> Values.text(value, place.in(rule)));
  }
}
