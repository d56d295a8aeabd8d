package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestPostgres;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Input that the function must refuse with a clear error, leaving labels and role as they were. */
class RefusalTest {
  private RotatedSecret secret;

  @BeforeEach
  void createSecret() throws Exception {
    secret = new RotatedSecret();
  }

  @AfterEach
  void dropSecret() throws Exception {
    assertThat(secret.logsIn(secret.role.password()))
        .as("the role's password is the one it had before")
        .isTrue();
    secret.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | not a JSON object",
        "null | not a JSON object",
        "[] | not a JSON object",
        "{ | not valid JSON",
        "{} | \"Step\" is missing",
        "{\"Records\":[{\"eventSource\":\"aws:s3\"}]} | \"Step\" is missing",
        "{\"Step\":1,\"SecretId\":\"s\",\"ClientRequestToken\":\"t\"} | \"Step\" is missing",
        "{\"Step\":\"createSecret\",\"ClientRequestToken\":\"t\"} | \"SecretId\" is missing",
        "{\"Step\":\"createSecret\",\"SecretId\":\"s\"} | \"ClientRequestToken\" is missing"
      })
  void anEventThatIsNoRotation(String event, String problem) {
    assertThat(catchThrowable(() -> secret.invoke(event)))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("not a rotation event", problem, "RotateSecret");
    assertThat(secret.secretsManager.service().requests().count("DescribeSecret")).isZero();
  }

  @Test
  void anUnknownStep() {
    secret.begin();
    assertThat(catchThrowable(() -> secret.step("deleteSecret")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll(
            "deleteSecret", "createSecret, setSecret, testSecret, finishSecret");
  }

  @Test
  void aSecretThatDoesNotExist() {
    assertThat(
            catchThrowable(
                () ->
                    secret.invoke(
                        RotatedSecret.event(
                            "createSecret", "no-such-secret", UUID.randomUUID().toString()))))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("DescribeSecret", "no-such-secret")
        .hasCauseInstanceOf(
            software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException.class);
  }

  @Test
  void aSecretWhoseRotationIsOff() {
    secret.begin();
    secret.secretsManager.client().cancelRotateSecret(r -> r.secretId(secret.arn));
    assertLeavesLabels("createSecret", "not enabled for rotation", secret.arn);
  }

  @Test
  void aTokenThatIsNoVersion() {
    secret.begin();
    secret.token = UUID.randomUUID().toString();
    assertLeavesLabels("createSecret", "no version " + secret.token, secret.arn);
  }

  @Test
  void aVersionThatIsNotPending() {
    secret.rotate();
    String previous =
        secret.labels().entrySet().stream()
            .filter(version -> version.getValue().contains("AWSPREVIOUS"))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    String rotated = secret.password("AWSCURRENT");
    secret.token = previous;
    for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
      assertLeavesLabels(step, previous, "not staged AWSPENDING", secret.arn);
    }
    assertThat(secret.password("AWSCURRENT")).isEqualTo(rotated);
    restorePassword();
  }

  @ParameterizedTest
  @ValueSource(strings = {"password-in-the-clear", "[]", "{\"password\":\"in-the-clear\"", "7"})
  void aSecretThatIsNoJsonObject(String value) {
    secret.putCurrent(value);
    secret.begin();
    assertRefused("createSecret", "not a JSON object", secret.arn, "AWSCURRENT");
  }

  @Test
  void aBinarySecret() {
    secret
        .secretsManager
        .client()
        .putSecretValue(
            r ->
                r.secretId(secret.arn)
                    .secretBinary(software.amazon.awssdk.core.SdkBytes.fromUtf8String("x")));
    secret.begin();
    assertRefused("createSecret", "no SecretString", secret.arn);
  }

  @ParameterizedTest
  @ValueSource(strings = {"username", "password", "host", "engine"})
  void aSecretWithoutAKey(String key) {
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace("\"" + key + "\":", "\"not-" + key + "\":"));
    secret.begin();
    assertRefused("createSecret", "\"" + key + "\" is missing", secret.arn);
  }

  @Test
  void aSecretOfAnotherEngine() {
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace("\"postgres\"", "\"mysql\""));
    secret.begin();
    assertRefused("createSecret", "\"engine\" is \"mysql\"", "aurora-postgresql", secret.arn);
  }

  @Test
  void aNameOf64Bytes() {
    secret.putCurrent(secret.json("x".repeat(64), secret.role.password()));
    secret.begin();
    assertRefused("createSecret", "64 bytes", "63", secret.arn);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00ad", "\u200b\u200d"})
  void aPasswordThatSaslprepLeavesNothingOf(String password) {
    secret.putCurrent(secret.json(secret.role.name(), password));
    secret.begin().step("createSecret");
    assertRefused("setSecret", "AWSCURRENT", secret.role.name(), secret.arn);
  }

  @Test
  void aDatabaseThatIsDown() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace("\"port\":" + secret.database.postgres().port(), "\"port\":" + free));
    secret.begin().step("createSecret");
    assertRefused("setSecret", ":" + free, "08001", secret.role.name(), secret.arn);
    assertRefused("testSecret", ":" + free, "08001", secret.role.name(), secret.arn);
  }

  @Test
  void anAdminSecretThatDoesNotExist() {
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace("{", "{\"masterarn\":\"no-such-admin\","));
    secret.begin().step("createSecret");
    assertRefused("setSecret", "\"masterarn\"", "AWSCURRENT", secret.arn, "no-such-admin");
  }

  @Test
  void aHostThatDoesNotResolve() {
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace(
                "\"host\":\"" + secret.database.postgres().host() + "\"",
                "\"host\":\"no-such-host.invalid\""));
    secret.begin().step("createSecret");
    assertRefused("setSecret", "no-such-host.invalid", secret.role.name(), secret.arn);
  }

  @Test
  void aDatabaseThatDoesNotExist() {
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace(secret.database.name(), "no_such_database"));
    secret.begin().step("createSecret");
    assertRefused("setSecret", "no_such_database", "28P01|3D000", secret.arn);
  }

  /** A step that must fail, as a check of the secret says. */
  private void assertRefused(String step, String... messageParts) {
    assertLeavesLabels(step, messageParts);
    assertThat(secret.check().blocks()).as("what a check says of %s", step).isNotEmpty();
  }

  private void assertLeavesLabels(String step, String... messageParts) {
    Map<String, List<String>> labels = secret.labels();
    Catalog roles = roles();
    Throwable failure = catchThrowable(() -> secret.step(step));
    assertThat(failure).as(step).isInstanceOf(RuntimeException.class);
    assertThat(roles.changesUntil(roles()))
        .as("roles that changed in %s", step)
        .noneMatch(entry -> entry.contains(secret.role.name()));
    for (String part : messageParts) {
      assertThat(failure.getMessage())
          .as(step)
          .containsPattern(part.contains("|") ? part : quoted(part));
    }
    assertThat(Throwables.everythingIn(failure))
        .doesNotContain(secret.role.password())
        .doesNotContain("in-the-clear");
    assertThat(secret.labels()).as("labels after %s", step).isEqualTo(labels);
  }

  private Catalog roles() {
    try {
      return Catalog.read(secret.database.postgres());
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String quoted(String part) {
    return java.util.regex.Pattern.quote(part);
  }

  /** For the check after each test: this one rotated. */
  private void restorePassword() {
    try {
      secret.database.run(
          "ALTER ROLE "
              + secret.role.quoted()
              + " PASSWORD '"
              + TestPostgres.verifier(secret.role.password())
              + "'");
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
