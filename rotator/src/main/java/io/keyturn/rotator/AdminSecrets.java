package io.keyturn.rotator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/**
 * Reads the login of the admin that changes other users' passwords, and adds what its secret leaves
 * out: host and port, which RDS knows of the secrets it manages, and the password of a user that
 * logs in with IAM.
 */
final class AdminSecrets {
  /**
   * What RDS tags the secrets it manages with; nobody else can set a tag that begins with aws:.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html">Password
   *     management with Amazon RDS and AWS Secrets Manager</a>
   */
  private static final String INSTANCE_TAG = "aws:rds:primaryDBInstanceArn";

  private static final String CLUSTER_TAG = "aws:rds:primaryDBClusterArn";

  private static final Set<String> ENGINES = Set.of("postgres", "aurora-postgresql");
  private static final JsonFactory JSON = new JsonFactory();

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
   * @param deadline before which the services answer
   * @throws RotationException if the secret or its database cannot be looked up
   * @throws io.keyturn.postgres.InvalidSecretException if what is known makes no database secret
   */
  DatabaseSecret read(String adminSecretId, Deadline deadline) {
    String description = "version AWSCURRENT of admin secret " + adminSecretId;
    String json =
        call(
            "GetSecretValue",
            adminSecretId,
            () ->
                client
                    .getSecretValue(
                        r ->
                            r.secretId(adminSecretId)
                                .versionStage(SecretVersions.CURRENT)
                                .overrideConfiguration(AwsCalls.within(deadline)))
                    .secretString());
    Map<String, String> values = values(json, description);
    boolean byToken = iamAuthentication || !values.containsKey("password");
    if (values.containsKey("host") && !byToken) {
      DatabaseSecret secret = DatabaseSecret.parse(json, description);
      return values.containsKey("engine") ? secret.requirePostgresEngine() : secret;
    }

    if (!values.containsKey("username")) {
      throw new RotationException(
          description + ": key \"username\" is missing. Put a secret value that has it");
    }
    if (!values.containsKey("host")) {
      RdsEndpoint endpoint = endpoint(adminSecretId, deadline);
      values.put("host", endpoint.host());
      values.put("port", String.valueOf(endpoint.port()));
      values.put("engine", endpoint.engine());
    }
    return byToken ? withToken(values, description) : secret(values, description);
  }

  private static DatabaseSecret withToken(Map<String, String> values, String description) {
    if ("false".equalsIgnoreCase(values.get("ssl"))) {
      throw new RotationException(
          description
              + ": \"ssl\" is false, but the admin logs in with an IAM token, which must not cross"
              + " the network in plaintext. Remove the key or set it to true");
    }
    values.put("ssl", "true");
    // Stands in until host, port and user are known to be valid.
    values.put("password", "IAM token");
    DatabaseSecret login =
        secret(
            values,
            description + " (by IAM token, which takes rds-db:connect and the role rds_iam)");
    return login.withPassword(IamToken.make(login.host(), login.port(), login.username()));
  }

  private static DatabaseSecret secret(Map<String, String> values, String description) {
    DatabaseSecret secret = DatabaseSecret.parse(json(values), description);
    return values.containsKey("engine") ? secret.requirePostgresEngine() : secret;
  }

  /** Where RDS says that the database of a secret it manages is. */
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
          "Admin secret "
              + adminSecretId
              + " has no key \"host\", and neither a tag "
              + INSTANCE_TAG
              + " nor "
              + CLUSTER_TAG
              + ", as those have that RDS manages. Put a secret value that has \"host\"");
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
          "The database of admin secret " + adminSecretId + " was not found: " + e.getMessage(), e);
    }
    if (!ENGINES.contains(endpoint.engine())) {
      throw new RotationException(
          "Admin secret "
              + adminSecretId
              + " is that of a database whose engine is \""
              + endpoint.engine()
              + "\": name the secret of an admin of the user's own PostgreSQL");
    }
    return endpoint;
  }

  private static Optional<String> value(List<Tag> tags, String key) {
    return tags.stream().filter(tag -> tag.key().equalsIgnoreCase(key)).map(Tag::value).findFirst();
  }

  /**
   * The scalar values of the outermost object as texts, without those that are null; one that is no
   * scalar is empty, which DatabaseSecret refuses where it matters.
   */
  private static Map<String, String> values(String json, String description) {
    if (json == null) {
      throw notAnObject(description, "it has no SecretString");
    }
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw notAnObject(description, "it begins with something else than {");
      }
      Map<String, String> values = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String key = parser.currentName();
        JsonToken token = parser.nextToken();
        values.remove(key);
        if (token.isStructStart()) {
          parser.skipChildren();
          values.put(key, "");
        } else if (token != JsonToken.VALUE_NULL) {
          values.put(key, parser.getText());
        }
      }
      if (parser.nextToken() != null) {
        throw notAnObject(description, "something follows the closing }");
      }
      return values;
    } catch (JsonProcessingException e) {
      // Its message quotes the text, which may be a password, so it is not kept as the cause.
      throw notAnObject(
          description,
          "it cannot be read at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr());
    } catch (IOException e) {
      throw new UncheckedIOException("A text in memory could not be read", e);
    }
  }

  private static RotationException notAnObject(String description, String problem) {
    return new RotationException(
        description
            + " is not a JSON object: "
            + problem
            + ". Put a secret value that has at least \"username\"");
  }

  private static String json(Map<String, String> values) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(text)) {
      generator.writeStartObject();
      for (Map.Entry<String, String> value : values.entrySet()) {
        generator.writeStringField(value.getKey(), value.getValue());
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("A text in memory could not be written", e);
    }
    return text.toString();
  }

  private static <T> T call(String operation, String secretId, Supplier<T> call) {
    try {
      return call.get();
    } catch (SdkException e) {
      throw new RotationException(
          operation
              + " failed for admin secret "
              + secretId
              + ": "
              + e.getMessage()
              + (isDenied(e)
                  ? ". Allow the function's role secretsmanager:"
                      + operation
                      + " on it, and kms:Decrypt if a key of your own encrypts it"
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
