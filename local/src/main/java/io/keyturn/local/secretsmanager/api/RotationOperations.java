package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.rotation.Rotations;
import io.keyturn.local.secretsmanager.schedule.RotationRules;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import java.util.Map;
import java.util.Optional;

/**
 * Configures, starts and cancels rotations.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html">RotateSecret</a>
 */
final class RotationOperations {
  private final SecretStore store;
  private final Rotations rotations;

  RotationOperations(SecretStore store, Rotations rotations) {
    this.store = store;
    this.rotations = rotations;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("RotateSecret", this::rotate);
    operations.put("CancelRotateSecret", this::cancel);
  }

  private ObjectNode rotate(Request request) {
    // Checked even before the secret is looked for.
    String token = request.token(ServiceException::invalidParameter);
    Optional<String> functionArn =
        request.text("RotationLambdaARN", 0, 2048).filter(arn -> !arn.isEmpty());
    Optional<RotationRules> rules =
        request.structure("RotationRules").map(fields -> RotationRules.parse(fields, store.now()));
    boolean immediately = request.flag("RotateImmediately", true);
    if (request.has("ExternalSecretRotationMetadata")
        || request.has("ExternalSecretRotationRoleArn")) {
      throw ServiceException.invalidRequest(
          "The local Secrets Manager has no managed external secrets.");
    }
    Secret secret = store.live(request.secretId());
    String function = functionOf(secret, functionArn);
    if (secret.versions().find(token).isPresent()) {
      return repeated(secret, token);
    }
    refuseIfUnfinished(secret);

    secret.rotation().configure(function, rules, store.now());
    secret.changed(store.now());
    rotations.plan(secret);
    if (immediately) {
      rotations.stage(secret, token);
      rotations.start(secret, token);
    } else {
      rotations.test(secret, token);
    }
    return answer(secret, token);
  }

  private String functionOf(Secret secret, Optional<String> given) {
    String function =
        given
            .or(() -> secret.rotation().functionArn())
            .orElseThrow(
                () ->
                    ServiceException.invalidRequest(
                        "No Lambda rotation function ARN is associated with this secret."));
    if (!rotations.canInvoke(function)) {
      throw ServiceException.of(
          "AccessDeniedException",
          "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function"
              + " policy grants access to the principal secretsmanager.amazonaws.com.");
    }
    return function;
  }

  /**
   * A token of an existing version means that the caller did not receive the first answer. It gets
   * the same answer, and no second version. A rotation that was given up is tried again.
   */
  private ObjectNode repeated(Secret secret, String token) {
    if (!rotations.isRunning(secret)
        && secret.versions().unfinished().filter(v -> v.id().equals(token)).isPresent()) {
      rotations.start(secret, token);
    }
    return answer(secret, token);
  }

  private void refuseIfUnfinished(Secret secret) {
    Optional<SecretVersion> unfinished = secret.versions().unfinished();
    if (unfinished.isPresent()) {
      rotations.start(secret, unfinished.get().id());
      throw ServiceException.invalidRequest(
          "A previous rotation isn't complete. That rotation will be reattempted.");
    }
  }

  private static ObjectNode answer(Secret secret, String versionId) {
    ObjectNode answer = Answers.of(secret);
    answer.put("VersionId", versionId);
    return answer;
  }

  private ObjectNode cancel(Request request) {
    Secret secret = store.live(request.secretId());
    secret.rotation().disable();
    secret.changed(store.now());
    rotations.cancel(secret);
    ObjectNode answer = Answers.of(secret);
    // The version the caller may want to clean up.
    secret.versions().unfinished().ifPresent(v -> answer.put("VersionId", v.id()));
    return answer;
  }
}
