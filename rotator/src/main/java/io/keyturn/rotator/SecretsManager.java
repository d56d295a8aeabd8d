package io.keyturn.rotator;

import static io.keyturn.rotator.SecretVersions.CURRENT;
import static io.keyturn.rotator.SecretVersions.PENDING;
import static io.keyturn.rotator.SecretVersions.PREVIOUS;

import io.keyturn.aws.AwsCalls;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceExistsException;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.SecretVersionsListEntry;

/**
 * The calls to Secrets Manager that a rotation is made of, each with an error that says which
 * secret it was.
 */
final class SecretsManager {
  /** How many versions without a label are looked at, the newest first. */
  static final int UNLABELLED = 5;

  private final SecretsManagerClient client;

  SecretsManager(SecretsManagerClient client) {
    this.client = client;
  }

  SecretVersions describe(Invocation invocation) {
    DescribeSecretResponse secret = description(invocation);
    return new SecretVersions(
        invocation.secretId(),
        !Boolean.FALSE.equals(secret.rotationEnabled()),
        secret.versionIdsToStages());
  }

  private DescribeSecretResponse description(Invocation invocation) {
    String secretId = invocation.secretId();
    return call(
        "DescribeSecret",
        secretId,
        () ->
            client.describeSecret(
                r -> r.secretId(secretId).overrideConfiguration(bounds(invocation))));
  }

  DatabaseSecret current(Invocation invocation) {
    return get(invocation, null, CURRENT);
  }

  /**
   * The version under rotation; asking for its label too fails if a newer rotation has replaced it.
   */
  DatabaseSecret pending(Invocation invocation) {
    return get(invocation, invocation.token(), PENDING);
  }

  /**
   * The version before the current one; there is none before the first rotation.
   *
   * @param failed told what is wrong with its value, which is not what the rotation is about: the
   *     first value that a template gives a secret often lacks the host
   */
  Optional<DatabaseSecret> previous(Invocation invocation, Consumer<Exception> failed) {
    try {
      return Optional.of(get(invocation, null, PREVIOUS));
    } catch (InvalidSecretException e) {
      failed.accept(e);
      return Optional.empty();
    } catch (RotationException e) {
      if (e.getCause() instanceof ResourceNotFoundException) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * The newest versions that have lost their labels, as that of a rotation does which somebody
   * abandoned: the database may have its password, and no labelled version then.
   *
   * @param failed told what could not be read, since these are a last resort: the function may not
   *     be allowed to list them
   */
  List<DatabaseSecret> unlabelled(Invocation invocation, Consumer<Exception> failed) {
    String secretId = invocation.secretId();
    try {
      return call(
              "ListSecretVersionIds",
              secretId,
              () ->
                  client
                      .listSecretVersionIdsPaginator(
                          r ->
                              r.secretId(secretId)
                                  .includeDeprecated(true)
                                  .overrideConfiguration(bounds(invocation)))
                      .stream()
                      .flatMap(page -> page.versions().stream())
                      .filter(version -> version.versionStages().isEmpty())
                      .sorted(Comparator.comparing(SecretVersionsListEntry::createdDate).reversed())
                      .limit(UNLABELLED)
                      .toList())
          .stream()
          .flatMap(version -> readable(invocation, version.versionId(), failed).stream())
          .toList();
    } catch (RotationException e) {
      failed.accept(e);
      return List.of();
    }
  }

  private Optional<DatabaseSecret> readable(
      Invocation invocation, String version, Consumer<Exception> failed) {
    try {
      return Optional.of(get(invocation, version, null));
    } catch (RotationException | InvalidSecretException e) {
      failed.accept(e);
      return Optional.empty();
    }
  }

  /**
   * Gives the pending version its value, unless it has one.
   *
   * @return false if it had one, which is kept: the database may already know its password
   */
  boolean putPending(Invocation invocation, DatabaseSecret secret) {
    String secretId = invocation.secretId();
    return call(
        "PutSecretValue",
        secretId,
        () -> {
          try {
            client.putSecretValue(
                r ->
                    r.secretId(secretId)
                        .clientRequestToken(invocation.token())
                        .secretString(secret.toJson())
                        .versionStages(PENDING)
                        .rotationToken(invocation.rotationToken())
                        .overrideConfiguration(bounds(invocation)));
            return true;
          } catch (ResourceExistsException e) {
            // A version's value never changes: the service refuses a second one under the same
            // token.
            return false;
          }
        });
  }

  /** Moves AWSCURRENT; AWSPREVIOUS then goes to the version that had it. */
  void makeCurrent(Invocation invocation, String formerVersion) {
    String secretId = invocation.secretId();
    call(
        "UpdateSecretVersionStage",
        secretId,
        () ->
            client.updateSecretVersionStage(
                r ->
                    r.secretId(secretId)
                        .versionStage(CURRENT)
                        .moveToVersionId(invocation.token())
                        .removeFromVersionId(formerVersion)
                        .overrideConfiguration(bounds(invocation))));
  }

  /** Takes AWSPENDING from the version under rotation, so that the next rotation begins anew. */
  void abandon(Invocation invocation) {
    String secretId = invocation.secretId();
    call(
        "UpdateSecretVersionStage",
        secretId,
        () ->
            client.updateSecretVersionStage(
                r ->
                    r.secretId(secretId)
                        .versionStage(PENDING)
                        .removeFromVersionId(invocation.token())
                        .overrideConfiguration(bounds(invocation))));
  }

  private DatabaseSecret get(Invocation invocation, String version, String label) {
    String secretId = invocation.secretId();
    String json =
        call(
            "GetSecretValue",
            secretId,
            () ->
                client
                    .getSecretValue(
                        r ->
                            r.secretId(secretId)
                                .versionId(version)
                                .versionStage(label)
                                .overrideConfiguration(bounds(invocation)))
                    .secretString());
    String description = "version " + name(version, label) + " of secret " + secretId;
    return DatabaseSecret.parse(
            ConnectionTags.complete(json, description, () -> description(invocation).tags()),
            description)
        .requirePostgresEngine();
  }

  private static String name(String version, String label) {
    if (version == null) {
      return label;
    }
    return label == null ? version : version + " (" + label + ")";
  }

  private static Consumer<AwsRequestOverrideConfiguration.Builder> bounds(Invocation invocation) {
    return AwsCalls.within(invocation.deadline());
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
