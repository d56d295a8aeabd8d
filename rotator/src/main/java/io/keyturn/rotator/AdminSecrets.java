package io.keyturn.rotator;

import io.keyturn.aws.AwsCalls;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.JsonObjectText;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.rds.IamToken;
import io.keyturn.rotator.rds.RdsClients;
import io.keyturn.rotator.rds.RdsDatabases;
import io.keyturn.rotator.rds.RdsEndpoint;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/**
 * Reads the login of the admin that changes other users' passwords.
 *
 * <p>It adds what the admin's secret lacks: host and port, which a secret managed by RDS does not
 * have, and an IAM token in place of a password.
 */
final class AdminSecrets {
  /**
   * The tags of secrets that RDS manages. Only AWS can set a tag that begins with aws:.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html">Password
   *     management with Amazon RDS and AWS Secrets Manager</a>
   */
  private static final String INSTANCE_TAG = "aws:rds:primaryDBInstanceArn";

  private static final String CLUSTER_TAG = "aws:rds:primaryDBClusterArn";

  private static final Set<String> ENGINES = Set.of("postgres", "aurora-postgresql");

  private final SecretsManagerClient client;
  private final RdsClients rds;
  private final boolean iamAuthentication;

  /**
   * @param iamAuthentication whether the admin logs in with an IAM token even where its secret has
   *     a password
   */
  AdminSecrets(SecretsManagerClient client, RdsClients rds, boolean iamAuthentication) {
    this.client = client;
    this.rds = rds;
    this.iamAuthentication = iamAuthentication;
  }

  /**
   * The admin's login.
   *
   * @param adminSecretId name or ARN of its secret
   * @param deadline by which the services must answer
   * @throws RotationException if the secret or its database cannot be looked up
   * @throws io.keyturn.postgres.InvalidSecretException if it is not a valid database secret
   */
  DatabaseSecret read(String adminSecretId, Deadline deadline) {
    String description = description(SecretVersions.CURRENT, adminSecretId);
    JsonObjectText values = values(SecretVersions.CURRENT, adminSecretId, deadline);
    boolean byToken = iamAuthentication || !values.has("password");
    if (values.has("host") && !byToken) {
      return secret(values, description);
    }

    if (!values.has("username")) {
      throw new RotationException(
          "%s: key \"username\" is missing. Put a secret value that has it".formatted(description));
    }
    if (!values.has("host")) {
      RdsEndpoint endpoint = endpoint(adminSecretId, deadline);
      values =
          values
              .with("host", endpoint.host())
              .with("port", String.valueOf(endpoint.port()))
              .with("engine", endpoint.engine());
    }
    return byToken ? withToken(values, description) : secret(values, description);
  }

  /**
   * The versions of an admin's secret at one moment.
   *
   * @param logins AWSCURRENT, and AWSPENDING if there is one
   * @param changing whether a rotation may be under way
   */
  record Versions(List<DatabaseSecret> logins, boolean changing) {}

  /**
   * Reads the versions that may have the password that the database now has.
   *
   * @param known the refused login, whose server they keep: a value that somebody has staged
   *     meanwhile must not send the admin to another server
   * @param failed receives the reason why AWSPENDING could not be read
   */
  Versions versions(
      String adminSecretId, DatabaseSecret known, Deadline deadline, Consumer<Exception> failed) {
    if (iamAuthentication) {
      return new Versions(List.of(), false);
    }
    Optional<DatabaseSecret> current =
        login(SecretVersions.CURRENT, adminSecretId, known, deadline);
    try {
      Optional<DatabaseSecret> pending =
          login(SecretVersions.PENDING, adminSecretId, known, deadline);
      List<DatabaseSecret> logins = Stream.of(current, pending).flatMap(Optional::stream).toList();
      return new Versions(
          logins, logins.stream().map(DatabaseSecret::password).distinct().count() > 1);
    } catch (RotationException e) {
      failed.accept(e);
      boolean none = e.getCause() instanceof ResourceNotFoundException;
      return new Versions(current.stream().toList(), !none && current.isPresent());
    }
  }

  /** The login of a version that has a password. */
  private Optional<DatabaseSecret> login(
      String label, String adminSecretId, DatabaseSecret known, Deadline deadline) {
    JsonObjectText values = values(label, adminSecretId, deadline);
    return values
        .text("username")
        .flatMap(
            username ->
                values
                    .text("password")
                    .map(
                        password ->
                            known.loginAs(username, password, description(label, adminSecretId))));
  }

  private JsonObjectText values(String label, String adminSecretId, Deadline deadline) {
    String json =
        call(
            "GetSecretValue",
            adminSecretId,
            () ->
                client
                    .getSecretValue(
                        r ->
                            r.secretId(adminSecretId)
                                .versionStage(label)
                                .overrideConfiguration(AwsCalls.within(deadline)))
                    .secretString());
    return values(json, description(label, adminSecretId));
  }

  private static String description(String label, String adminSecretId) {
    return "version %s of admin secret %s".formatted(label, adminSecretId);
  }

  private static DatabaseSecret withToken(JsonObjectText values, String description) {
    if (values.text("ssl").filter("false"::equalsIgnoreCase).isPresent()) {
      throw new RotationException(
          ("%s: \"ssl\" is false, but the admin logs in with an IAM token, which must not cross the"
                  + " network in plaintext. Remove the key or set it to true")
              .formatted(description));
    }
    DatabaseSecret login =
        secret(
            // A placeholder until host, port and user are known to be valid.
            values.with("ssl", "true").with("password", "IAM token"),
            description + " (by IAM token, which needs rds-db:connect and the role rds_iam)");
    return login.withPassword(IamToken.make(login.host(), login.port(), login.username()));
  }

  private static DatabaseSecret secret(JsonObjectText values, String description) {
    DatabaseSecret secret = DatabaseSecret.parse(values.json(), description);
    return values.has("engine") ? secret.requirePostgresEngine() : secret;
  }

  /** The endpoint of the database whose admin's secret RDS manages. */
  private RdsEndpoint endpoint(String adminSecretId, Deadline deadline) {
    List<Tag> tags =
        call(
            "DescribeSecret",
            adminSecretId,
            () ->
                client
                    .describeSecret(
                        r ->
                            r.secretId(adminSecretId)
                                .overrideConfiguration(AwsCalls.within(deadline)))
                    .tags());
    Optional<String> cluster = value(tags, CLUSTER_TAG);
    Optional<String> instance = value(tags, INSTANCE_TAG);
    if (cluster.isEmpty() && instance.isEmpty()) {
      throw new RotationException(
          ("Admin secret %s has no key \"host\", and neither of the tags %s and %s of a secret that RDS"
                  + " manages. Put a secret value that has \"host\"")
              .formatted(adminSecretId, INSTANCE_TAG, CLUSTER_TAG));
    }
    RdsDatabases databases = new RdsDatabases(rds, deadline);
    RdsEndpoint endpoint;
    try {
      endpoint =
          cluster
              .map(databases::clusterEndpoint)
              .or(() -> instance.map(databases::instanceEndpoint))
              .orElseThrow();
    } catch (RotationException e) {
      throw new RotationException(
          "The database of admin secret %s was not found: %s"
              .formatted(adminSecretId, e.getMessage()),
          e);
    }
    if (!ENGINES.contains(endpoint.engine())) {
      throw new RotationException(
          "Admin secret %s is for a database with the engine \"%s\": name the secret of an admin of the user's own PostgreSQL"
              .formatted(adminSecretId, endpoint.engine()));
    }
    return endpoint;
  }

  private static Optional<String> value(List<Tag> tags, String key) {
    return tags.stream().filter(tag -> tag.key().equalsIgnoreCase(key)).map(Tag::value).findFirst();
  }

  private static JsonObjectText values(String json, String description) {
    if (json == null) {
      throw notAnObject(description, "it has no SecretString");
    }
    return JsonObjectText.read(json, problem -> notAnObject(description, problem));
  }

  private static RotationException notAnObject(String description, String problem) {
    return new RotationException(
        "%s is not a JSON object: %s. Put a secret value that has at least \"username\""
            .formatted(description, problem));
  }

  private static <T> T call(String operation, String secretId, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw new RotationException(
          "%s failed for admin secret %s: %s%s"
              .formatted(
                  operation,
                  secretId,
                  e.getMessage(),
                  isDenied(e)
                      ? ". Allow the function's role secretsmanager:%s on it, and kms:Decrypt if a key of your own encrypts it"
                          .formatted(operation)
                      : ""),
          e);
    }
  }

  private static boolean isDenied(SdkException failure) {
    return failure instanceof AwsServiceException e
        && e.awsErrorDetails() != null
        && String.valueOf(e.awsErrorDetails().errorCode()).startsWith("AccessDenied");
  }
}
