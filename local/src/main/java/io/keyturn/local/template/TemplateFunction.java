package io.keyturn.local.template;

import io.keyturn.local.lambda.FunctionDefinition;
import java.util.List;
import java.util.Optional;

/**
 * An AWS::Serverless::Function of a template.
 *
 * @param logicalId its key below Resources
 * @param definition what the template says of it, ready to be run; its name is FunctionName, or the
 *     logical id if there is none
 * @param role what it may do; nothing where the template does not say so
 */
public record TemplateFunction(
    String logicalId, FunctionDefinition definition, Optional<FunctionRole> role) {
  /** The same as a resource of the template that nests its own. */
  TemplateFunction within(String path) {
    return new TemplateFunction(path + logicalId, definition, role);
  }

  /** Returns the logical id of the function that has this name or ARN, perhaps of an alias. */
  static Optional<String> named(List<TemplateFunction> functions, String nameOrArn) {
    return functions.stream()
        .filter(
            function ->
                nameOrArn.equals(function.definition().arn())
                    || nameOrArn.startsWith(function.definition().arn() + ":")
                    || nameOrArn.equals(function.definition().name()))
        .map(TemplateFunction::logicalId)
        .findFirst();
  }
}
