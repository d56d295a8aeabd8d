package io.keyturn.rotator;

import static io.keyturn.rotator.SecretVersions.CURRENT;
import static io.keyturn.rotator.SecretVersions.PENDING;
import static io.keyturn.rotator.SecretVersions.PREVIOUS;

import io.keyturn.postgres.DatabaseSecret;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * The five calls to Secrets Manager that a rotation is made of, each with an error that says which
 * secret it was.
 */
final class SecretsManager {
  private final SecretsManagerClient client;

  SecretsManager(SecretsManagerClient client) {
    this.client = client;
  }

  SecretVersions describe(String secretId) {
    DescribeSecretResponse secret =
        call("DescribeSecret", secretId, () -> client.describeSecret(r -> r.secretId(secretId)));
    return new SecretVersions(
        secretId, !Boolean.FALSE.equals(secret.rotationEnabled()), secret.versionIdsToStages());
  }

  DatabaseSecret current(String secretId) {
    return call("GetSecretValue", secretId, () -> get(secretId, null, CURRENT));
  }

  /**
   * The version under rotation; asking for its label too fails if a newer rotation has replaced it.
   */
  DatabaseSecret pending(String secretId, String token) {
    return call("GetSecretValue", secretId, () -> get(secretId, token, PENDING));
  }

  /** The version before the current one; there is none before the first rotation. */
  Optional<DatabaseSecret> previous(String secretId) {
    return call(
        "GetSecretValue",
        secretId,
        () -> {
          try {
            return Optional.of(get(secretId, null, PREVIOUS));
          } catch (ResourceNotFoundException e) {
            return Optional.empty();
          }
        });
  }

  /**
   * Gives the pending version its value, unless it has one.
   *
   * @return false if it had one, which is kept: the database may already know its password
   */
  boolean putPending(String secretId, String token, DatabaseSecret secret) {
    return call(
        "PutSecretValue",
        secretId,
        () -> {
          try {
            client.putSecretValue(
                r ->
                    r.secretId(secretId)
                        .clientRequestToken(token)
                        .secretString(secret.toJson())
                        .versionStages(PENDING));
            return true;
          } catch (ResourceExistsException e) {
            // A version's value never changes: the service refuses a second one under the same
            // token.
            return false;
          }
        });
  }

  /** Moves AWSCURRENT; AWSPREVIOUS then goes to the version that had it. */
  void makeCurrent(String secretId, String token, String formerVersion) {
    call(
        "UpdateSecretVersionStage",
        secretId,
        () ->
            client.updateSecretVersionStage(
                r ->
                    r.secretId(secretId)
                        .versionStage(CURRENT)
                        .moveToVersionId(token)
                        .removeFromVersionId(formerVersion)));
  }

  private DatabaseSecret get(String secretId, String version, String label) {
    String json =
        client
            .getSecretValue(r -> r.secretId(secretId).versionId(version).versionStage(label))
            .secretString();
    String which = version == null ? label : version + " (" + label + ")";
    return DatabaseSecret.parse(json, "version " + which + " of secret " + secretId)
        .requirePostgresEngine();
  }

  private static <T> T call(String operation, String secretId, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw new RotationException(
          operation + " failed for secret " + secretId + ": " + e.getMessage(), e);
    }
  }
}
