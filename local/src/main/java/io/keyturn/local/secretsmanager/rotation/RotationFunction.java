package io.keyturn.local.secretsmanager.rotation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.InternalErrors;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Calls a rotation function with the event Secrets Manager sends.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html">Lambda
 *     rotation functions</a>
 */
final class RotationFunction {
  private final FunctionInvoker functions;
  private final String secretArn;
  private final String versionId;
  private final String rotationToken = UUID.randomUUID().toString();

  RotationFunction(FunctionInvoker functions, String secretArn, String versionId) {
    this.functions = functions;
    this.secretArn = secretArn;
    this.versionId = versionId;
  }

  /** The error the step ended with, or nothing. */
  Optional<String> call(String functionArn, String step) {
    ObjectNode event = JsonNodeFactory.instance.objectNode();
    event.put("Step", step);
    event.put("SecretId", secretArn);
    event.put("ClientRequestToken", versionId);
    event.put("RotationToken", rotationToken);
    try {
      return functions.invoke(functionArn, event.toString().getBytes(StandardCharsets.UTF_8));
    } catch (RuntimeException e) {
      InternalErrors.print(
          functionArn + " could not be invoked for " + step + " of " + secretArn, e);
      return Optional.of("The function could not be invoked: " + e);
    }
  }
}
