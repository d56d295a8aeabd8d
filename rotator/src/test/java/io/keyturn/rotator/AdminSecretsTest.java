package io.keyturn.rotator;

import static io.keyturn.rotator.rds.LocalRds.HERE;
import static io.keyturn.rotator.rds.LocalRds.arn;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.Tls;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.rds.LocalRds;
import io.keyturn.rotator.rds.RdsClients;
import io.keyturn.testing.OneAnswerService;
import io.keyturn.testing.ServiceCalls;
import io.keyturn.testing.TestSecretsManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/** Where the admin's login comes from, for each form its secret may have. */
class AdminSecretsTest {
  private static final String PASSWORD = "s3cret\\\"päss";
  private static final String PASSWORD_JSON = RotatedSecret.quote(PASSWORD);
  private static final String MANAGED =
      "{\"username\":\"postgres\",\"password\":%s}".formatted(PASSWORD_JSON);

  private static final Pattern TOKEN =
      Pattern.compile("Action=connect&.*X-Amz-Credential=([^%&]+)%2F[^&]*%2Frds-db%2F");

  private final TestSecretsManager secretsManager = new TestSecretsManager();
  private final LocalRds rds = new LocalRds();
  private final List<Tag> systemTags = new ArrayList<>();

  /**
   * Adds the tags that only AWS can set, which the local Secrets Manager therefore refuses as the
   * real one does.
   */
  private final class SystemTags implements ExecutionInterceptor {
    @Override
    public SdkResponse modifyResponse(
        Context.ModifyResponse context, ExecutionAttributes attributes) {
      return context.response() instanceof DescribeSecretResponse secret
          ? secret.toBuilder().tags(systemTags).build()
          : context.response();
    }
  }

  private final SecretsManagerClient client =
      SecretsManagerClient.builder()
          .endpointOverride(secretsManager.endpoint())
          .httpClientBuilder(UrlConnectionHttpClient.builder())
          .overrideConfiguration(c -> c.addExecutionInterceptor(new SystemTags()))
          .build();

  @AfterEach
  void close() {
    client.close();
    rds.close();
    secretsManager.close();
  }

  private DatabaseSecret read(String secretId, boolean iamAuthentication) {
    DatabaseSecret admin =
        new AdminSecrets(client, new RdsClients(Optional.of(rds.endpoint())), iamAuthentication)
            .read(secretId, Deadline.in(Duration.ofMinutes(1)));
    recordToken(admin.password());
    return admin;
  }

  /** A token is a signed request for rds-db:connect, which RDS checks at the login. */
  private static void recordToken(String password) {
    Matcher token = TOKEN.matcher(password);
    if (token.find()) {
      ServiceCalls.record(token.group(1), "rds-db:connect");
    }
  }

  private DatabaseSecret readNew(String json) {
    return read(secretsManager.createSecret(json), false);
  }

  private int calls(String operation) {
    return secretsManager.service().requests().count(operation);
  }

  private void tag(String key, String value) {
    systemTags.add(Tag.builder().key(key).value(value).build());
  }

  @Test
  void aFullSecretIsTakenAsItIs() {
    String json =
        "{\"engine\":\"aurora-postgresql\",\"host\":\"db.example\",\"port\":\"6543\",\"dbname\":\"shop\","
            + "\"username\":\"postgres\",\"password\":%s,\"ssl\":false,\"more\":[1]}"
                .formatted(PASSWORD_JSON);
    String id = secretsManager.createSecret(json);

    DatabaseSecret admin = read(id, false);

    assertThat(admin.toJson()).isEqualTo(json);
    assertThat(admin.password()).isEqualTo(PASSWORD);
    assertThat(admin).hasToString("version AWSCURRENT of admin secret " + id);
    assertThat(calls("GetSecretValue")).isEqualTo(1);
    assertThat(calls("DescribeSecret")).isZero();
    assertThat(rds.requests()).isEmpty();
  }

  @Test
  void anEngineMayBeLeftOutButMustBePostgres() {
    String json =
        "{\"host\":\"db.example\",\"username\":\"postgres\",\"password\":%s%s}"
            .formatted(PASSWORD_JSON, "%s");

    assertThat(readNew(json.formatted("")).port()).isEqualTo(5432);
    assertThatThrownBy(() -> readNew(json.formatted(",\"engine\":\"mysql\"")))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContainingAll("admin secret", "\"engine\" is \"mysql\"", "aurora-postgresql");
  }

  @Test
  void aSecretThatRdsManagesForAnInstance() {
    String host = rds.addInstance(HERE, "shop", "postgres");
    tag("owner", "team");
    tag("aws:rds:primaryDBInstanceArn", arn(HERE, "db", "shop"));
    String id = secretsManager.createSecret(MANAGED);

    DatabaseSecret admin = read(id, false);

    assertThat(admin.host()).isEqualTo(host);
    assertThat(admin.port()).isEqualTo(5433);
    assertThat(admin.username()).isEqualTo("postgres");
    assertThat(admin.password()).isEqualTo(PASSWORD);
    assertThat(admin.database()).isEqualTo("postgres");
    assertThat(admin.tls()).isEqualTo(Tls.PREFERRED);
    assertThat(admin).hasToString("version AWSCURRENT of admin secret " + id);
    assertThat(calls("GetSecretValue")).isEqualTo(1);
    assertThat(calls("DescribeSecret")).isEqualTo(1);
    assertThat(rds.requests()).hasSize(1);
  }

  @Test
  void aSecretThatRdsManagesForACluster() {
    String writer = rds.addCluster(HERE, "shop", "aurora-postgresql", List.of(), "shop-1");
    tag("AWS:RDS:PRIMARYDBCLUSTERARN", arn(HERE, "cluster", "shop"));

    DatabaseSecret admin = readNew(MANAGED);

    assertThat(admin.host()).isEqualTo(writer);
    assertThat(admin.port()).isEqualTo(5434);
    assertThat(admin.requirePostgresEngine().password()).isEqualTo(PASSWORD);
  }

  @Test
  void whereRdsHasItCountsMoreThanAPortInTheSecret() {
    rds.addInstance(HERE, "shop", "postgres");
    tag("aws:rds:primaryDBInstanceArn", arn(HERE, "db", "shop"));

    DatabaseSecret admin =
        readNew(MANAGED.replace("}", ",\"port\":1,\"engine\":\"mysql\",\"dbname\":\"shop\"}"));

    assertThat(admin.port()).isEqualTo(5433);
    assertThat(admin.database()).isEqualTo("shop");
  }

  @Test
  void aSecretThatRdsManagesForAnotherEngine() {
    rds.addInstance(HERE, "shop", "mysql");
    tag("aws:rds:primaryDBInstanceArn", arn(HERE, "db", "shop"));
    String id = secretsManager.createSecret(MANAGED);

    assertThatThrownBy(() -> read(id, false))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll(id, "\"mysql\"", "PostgreSQL");
  }

  @Test
  void noHostAndNoTag() {
    String id = secretsManager.createSecret(MANAGED);

    assertThatThrownBy(() -> read(id, false))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll(
            id, "\"host\"", "aws:rds:primaryDBInstanceArn", "aws:rds:primaryDBClusterArn");
    assertThat(rds.requests()).isEmpty();
  }

  @Test
  void aDatabaseThatIsGoneOrMayNotBeLookedUp() {
    tag("aws:rds:primaryDBInstanceArn", arn(HERE, "db", "gone"));
    String id = secretsManager.createSecret(MANAGED);

    assertThatThrownBy(() -> read(id, false))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll(id, arn(HERE, "db", "gone"), "deleted");
    rds.failNext(1, 403, "AccessDenied", "User is not authorized");
    assertThatThrownBy(() -> read(id, false))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll(id, "Allow", "rds:DescribeDBInstances");
  }

  @Test
  void aUserWithoutAPasswordLogsInWithAToken() {
    DatabaseSecret admin =
        readNew(
            "{\"engine\":\"postgres\",\"host\":\"db.c1.eu-west-1.rds.amazonaws.com\","
                + "\"port\":6543,\"dbname\":\"shop\",\"username\":\"rds admin\"}");

    assertThat(admin.password())
        .startsWith("db.c1.eu-west-1.rds.amazonaws.com:6543/?")
        .contains("DBUser=rds%20admin", "Action=connect", "X-Amz-Expires=900")
        .contains("X-Amz-Credential=test%2F", "%2Feu-west-1%2Frds-db%2Faws4_request")
        .contains("X-Amz-Signature=");
    assertThat(admin.tls()).isEqualTo(Tls.REQUIRED);
    assertThat(admin.database()).isEqualTo("shop");
    assertThat(admin.toString())
        .startsWith("version AWSCURRENT of admin secret ")
        .contains("rds-db:connect", "rds_iam")
        .doesNotContain("X-Amz");
    assertThat(calls("DescribeSecret")).isZero();
    assertThat(rds.requests()).isEmpty();
  }

  @Test
  void aHostWithoutARegionIsInTheFunctionsOwn() {
    assertThat(readNew("{\"host\":\"db.example\",\"username\":\"admin\"}").password())
        .contains("%2Fus-east-1%2Frds-db%2F");
  }

  @Test
  void whereTheFunctionSaysSoAPasswordIsNotUsed() {
    String host = rds.addInstance(HERE, "shop", "postgres");
    tag("aws:rds:primaryDBInstanceArn", arn(HERE, "db", "shop"));

    DatabaseSecret admin = read(secretsManager.createSecret(MANAGED), true);

    assertThat(admin.password()).startsWith(host + ":5433/?").contains("DBUser=postgres");
    assertThat(admin.toJson()).doesNotContain("s3cret");
    assertThat(admin.tls()).isEqualTo(Tls.REQUIRED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "\"maybe\"", "null"})
  void aTokenIsForTlsOnly(String ssl) {
    String json = "{\"host\":\"db.example\",\"username\":\"admin\",\"ssl\":%s}".formatted(ssl);

    assertThat(readNew(json).tls()).isEqualTo(Tls.REQUIRED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "\"FALSE\""})
  void aTokenNeverGoesOverPlaintext(String ssl) {
    String id =
        secretsManager.createSecret(
            "{\"host\":\"db.example\",\"username\":\"admin\",\"password\":%s,\"ssl\":%s}"
                .formatted(PASSWORD_JSON, ssl));

    assertThat(catchThrowable(() -> read(id, true)))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll(id, "\"ssl\" is false", "IAM token");
    assertThat(read(id, false).tls()).isEqualTo(Tls.OFF);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "s3cret | cannot be read at line 1, column",
        "{\"username\":\"a\",\"password\":\"s3cret | cannot be read at line 1, column",
        "{\"username\":\"a\",\"password\":s3cret} | cannot be read at line 1, column",
        "[\"s3cret\"] | not a JSON object",
        "{\"username\":\"a\"} \"s3cret\" | something follows",
        "{\"password\":\"s3cret\"} | \"username\" is missing",
        "{\"host\":\"h\"} | \"username\" is missing",
        "{\"host\":\"h\",\"password\":\"s3cret\"} | \"username\" is missing",
        "{\"host\":\"\",\"username\":\"a\",\"password\":\"s3cret\"} | \"host\" is missing",
        "{\"host\":\"h\",\"username\":\"a\",\"password\":\"\"} | \"password\" is missing",
        "{\"host\":\"h\",\"username\":\"a\",\"password\":[\"s3cret\"]} | \"password\" is missing",
        "{\"host\":\"h\",\"username\":[\"s3cret\"]} | \"username\" is missing",
        "{\"host\":\"h:1/s3cret\",\"username\":\"a\"} | \"host\" is no host name",
        "{\"host\":\"h\",\"username\":\"a\",\"port\":\"s3cret\"} | \"port\" is not a number",
        "{\"host\":\"h\",\"username\":\"a\",\"engine\":\"mysql\"} | \"engine\" is \"mysql\""
      })
  void aSecretThatNamesNoLogin(String json, String problem) {
    String id = secretsManager.createSecret(json);

    Throwable failure = catchThrowable(() -> read(id, false));

    assertThat(failure)
        .isInstanceOfAny(RotationException.class, InvalidSecretException.class)
        .hasMessageContainingAll("version AWSCURRENT of admin secret " + id, problem);
    assertThat(Throwables.everythingIn(failure)).doesNotContain("s3cret", "X-Amz");
    assertThat(rds.requests()).isEmpty();
  }

  @Test
  void aSecretThatIsNotThereOrNotText() {
    assertThatThrownBy(() -> read("no-such-secret", false))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("GetSecretValue", "admin secret no-such-secret");
    secretsManager
        .client()
        .createSecret(r -> r.name("binary").secretBinary(SdkBytes.fromUtf8String("{}")));
    assertThatThrownBy(() -> read("binary", false))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("admin secret binary", "no SecretString");
  }

  @Test
  void aSecretThatMayNotBeRead() {
    try (OneAnswerService denying =
            new OneAnswerService(
                400,
                "{\"__type\":\"AccessDeniedException\",\"Message\":\"User is not authorized\"}");
        SecretsManagerClient denied =
            SecretsManagerClient.builder()
                .endpointOverride(denying.endpoint())
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build()) {
      AdminSecrets secrets =
          new AdminSecrets(denied, new RdsClients(Optional.of(rds.endpoint())), false);

      assertThatThrownBy(() -> secrets.read("admin", Deadline.in(Duration.ofMinutes(1))))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll(
              "admin secret admin", "Allow", "secretsmanager:GetSecretValue", "kms:Decrypt");
    }
  }
}
