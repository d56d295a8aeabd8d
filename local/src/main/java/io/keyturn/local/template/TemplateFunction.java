package io.keyturn.local.template;

import io.keyturn.local.lambda.FunctionDefinition;
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
}
