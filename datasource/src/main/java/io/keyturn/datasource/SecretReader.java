package io.keyturn.datasource;

import io.keyturn.aws.AwsCalls;
import io.keyturn.datasource.SecretUnreadableException.Kind;
import io.keyturn.postgres.Deadline;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** Reads the versions of one secret by their staging labels. */
final class SecretReader {
  static final String CURRENT = "AWSCURRENT";
  static final String PENDING = "AWSPENDING";
  static final String PREVIOUS = "AWSPREVIOUS";

  /** Of AWS_LAMBDA_INITIALIZATION_TYPE. */
  private static final Set<String> NO_SNAPSHOT = Set.of("on-demand", "provisioned-concurrency");

  private final String secretId;
  private final Supplier<SecretsManagerClient> clients;
  private final boolean clientIsOurs;
  private volatile boolean snapshotAhead;
  private SecretsManagerClient client;

  private SecretReader(
      String secretId,
      Supplier<SecretsManagerClient> clients,
      boolean clientIsOurs,
      boolean snapshotAhead) {
    this.secretId = secretId;
    this.clients = clients;
    this.clientIsOurs = clientIsOurs;
    this.snapshotAhead = snapshotAhead;
  }

  /** A reader with a client of its own, which is made when it is first needed. */
  static SecretReader withOwnClient(String secretId) {
    return new SecretReader(secretId, ServiceClient::create, true, snapshotMayCome());
  }

  /** A reader that uses this client, and leaves it open. */
  static SecretReader with(String secretId, SecretsManagerClient client) {
    return with(secretId, client, snapshotMayCome());
  }

  /**
   * @param snapshotAhead whether a snapshot of this process may be made before it is restored
   */
  static SecretReader with(String secretId, SecretsManagerClient client, boolean snapshotAhead) {
    return new SecretReader(secretId, () -> client, false, snapshotAhead);
  }

  /** Lambda tells how it starts an environment; any other process may be checkpointed. */
  private static boolean snapshotMayCome() {
    return !NO_SNAPSHOT.contains(String.valueOf(System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE")));
  }

  /** No other snapshot of this process will be made. */
  void restored() {
    snapshotAhead = false;
  }

  String secretId() {
    return secretId;
  }

  /**
   * The version with this staging label.
   *
   * @throws SecretUnreadableException if there is none, or it could not be read
   */
  SecretVersion read(String label, Deadline deadline) {
    try {
      return get(label, deadline);
    } catch (SdkException e) {
      throw unreadable(label, e);
    }
  }

  private SecretVersion get(String label, Deadline deadline) {
    GetSecretValueResponse value =
        client()
            .getSecretValue(
                r ->
                    r.secretId(secretId)
                        .versionStage(label)
                        .overrideConfiguration(
                            AwsCalls.within(deadline).andThen(this::connection)));
    if (value.secretString() == null) {
      throw new SecretUnreadableException(
          Kind.FINAL,
          "Secret %s, version %s, has no SecretString: store it as text, not as binary"
              .formatted(secretId, value.versionId()),
          null);
    }
    return new SecretVersion(
        secretId, value.versionId(), value.secretString(), value.createdDate());
  }

  /** The JDK keeps a connection for a while, with what it has read: not for a snapshot. */
  private void connection(AwsRequestOverrideConfiguration.Builder call) {
    if (snapshotAhead) {
      call.putHeader("Connection", "close");
    }
  }

  private SecretUnreadableException unreadable(String label, SdkException cause) {
    return new SecretUnreadableException(
        kind(cause),
        ("Version %s of secret %s could not be read: %s. The function needs"
                + " secretsmanager:GetSecretValue on it, and kms:Decrypt if its key is your own")
            .formatted(label, secretId, cause.getMessage()),
        cause);
  }

  private static Kind kind(SdkException failure) {
    if (failure instanceof ResourceNotFoundException) {
      return Kind.ABSENT;
    }
    if (!(failure instanceof AwsServiceException answer)) {
      return Kind.PASSING;
    }
    if (answer.awsErrorDetails() != null
        && "AccessDeniedException".equals(answer.awsErrorDetails().errorCode())) {
      return Kind.DENIED;
    }
    return answer.isThrottlingException() || answer.statusCode() >= 500 ? Kind.PASSING : Kind.FINAL;
  }

  private synchronized SecretsManagerClient client() {
    if (client == null) {
      client = clients.get();
    }
    return client;
  }

  /** Closes a client of its own, with the AWS credentials it holds; the next read makes another. */
  synchronized void close() {
    if (client != null && clientIsOurs) {
      client.close();
    }
    client = null;
  }
}
