package io.keyturn.local.template;

import java.util.List;
import java.util.Optional;

/**
 * An AWS::SecretsManager::RotationSchedule of a template.
 *
 * @param logicalId its key below Resources
 * @param secretId the ARN or name of the secret, or its placeholder
 * @param secretLogicalId of the AWS::SecretsManager::Secret, if it is in this template
 * @param functionArn the rotation function
 * @param functionLogicalId of the AWS::Serverless::Function, if it is in this template
 * @param automaticallyAfterDays how often to rotate, unless there is a schedule expression
 * @param scheduleExpression such as {@code rate(4 hours)} or {@code cron(0 8 1 * ? *)}
 * @param duration of the rotation window, such as {@code 3h}
 * @param rotateImmediatelyOnUpdate whether to rotate as soon as the schedule is set, the default
 */
public record TemplateSchedule(
    String logicalId,
    String secretId,
    Optional<String> secretLogicalId,
    String functionArn,
    Optional<String> functionLogicalId,
    Optional<Integer> automaticallyAfterDays,
    Optional<String> scheduleExpression,
    Optional<String> duration,
    boolean rotateImmediatelyOnUpdate) {
  /** The same as a resource of the template that nests its own. */
  TemplateSchedule within(String path) {
    return with(
        path + logicalId, secretLogicalId.map(path::concat), functionLogicalId.map(path::concat));
  }

  /** Returns the same with its function, if that is one of these and not in the same template. */
  TemplateSchedule linked(List<TemplateFunction> functions) {
    return with(
        logicalId,
        secretLogicalId,
        functionLogicalId.or(() -> TemplateFunction.named(functions, functionArn)));
  }

  private TemplateSchedule with(
      String id, Optional<String> secretOfTemplate, Optional<String> functionOfTemplate) {
    return new TemplateSchedule(
        id,
        secretId,
        secretOfTemplate,
        functionArn,
        functionOfTemplate,
        automaticallyAfterDays,
        scheduleExpression,
        duration,
        rotateImmediatelyOnUpdate);
  }
}
