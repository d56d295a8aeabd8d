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

/** The calls to Secrets Manager. Each error names the operation and the secret. */
final class SecretsManager {
  /** How many versions without a label are read, the newest first. */
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

  DescribeSecretResponse description(Invocation invocation) {
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
   * The version under rotation. Since the label is requested too, this fails if a newer rotation
   * has replaced it.
   */
  DatabaseSecret pending(Invocation invocation) {
    return get(invocation, invocation.token(), PENDING);
  }

  /**
   * The version before the current one. There is none before the first rotation.
   *
   * @param failed receives what is wrong with its value, which does not fail the rotation: the
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
   * The newest versions without a label. An abandoned rotation leaves such a version behind, whose
   * password the database may have.
   *
   * @param failed receives what could not be read, which does not fail the rotation: the function
   *     may not be allowed to list versions
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
   * @return false if it had one, which is kept: the database may already have its password
   */
  boolean putPending(Invocation invocation, DatabaseSecret secret) {
    return putPendingText(invocation, secret.toJson());
  }

  /** Does the same with a text that is no database secret. */
  boolean putPendingText(Invocation invocation, String text) {
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
                        .secretString(text)
                        .versionStages(PENDING)
                        .rotationToken(invocation.rotationToken())
                        .overrideConfiguration(bounds(invocation)));
            return true;
          } catch (ResourceExistsException e) {
            // The service refuses a second value for the same token.
            return false;
          }
        });
  }

  /** Moves AWSCURRENT. The service moves AWSPREVIOUS to the version that had it. */
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

  /** Removes AWSPENDING from the version under rotation, so that the next one starts afresh. */
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

  /**
   * The text of AWSCURRENT, whatever it is.
   *
   * @throws RotationException also if the secret has bytes instead of a text
   */
  String currentText(Invocation invocation) {
    return requireText(invocation, text(invocation, null, CURRENT));
  }

  /** The text of the version under rotation. */
  String pendingText(Invocation invocation) {
    return requireText(invocation, text(invocation, invocation.token(), PENDING));
  }

  private static String requireText(Invocation invocation, String text) {
    if (text == null) {
      throw new RotationException(
          "Secret %s has a SecretBinary: only a SecretString can be rotated"
              .formatted(invocation.secretId()));
    }
    return text;
  }

  private DatabaseSecret get(Invocation invocation, String version, String label) {
    String secretId = invocation.secretId();
    String json = text(invocation, version, label);
    String description = "version %s of secret %s".formatted(name(version, label), secretId);
    return DatabaseSecret.parse(
            ConnectionTags.complete(json, description, () -> description(invocation).tags()),
            description)
        .requirePostgresEngine();
  }

  private String text(Invocation invocation, String version, String label) {
    String secretId = invocation.secretId();
    return call(
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
          "%s failed for secret %s: %s".formatted(operation, secretId, e.getMessage()), e);
    }
  }
}
