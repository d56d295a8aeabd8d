package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rotation of a single user leaves behind in the database and in the secret. */
@Tag("every-postgres")
@Tag("server")
class SingleUserRotationTest {
  @Test
  void changesThePasswordAndMovesTheLabel() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      String old = secret.role.password();
      String first = secret.labels().keySet().iterator().next();

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(old)).isFalse();
      assertThat(secret.password("AWSPREVIOUS")).isEqualTo(old);
      assertThat(secret.labels()).containsOnlyKeys(first, secret.token);
      assertThat(secret.labels().get(first)).containsExactly("AWSPREVIOUS");
      assertThat(secret.labels().get(secret.token)).contains("AWSCURRENT");
    }
  }

  @Test
  void rotatesAgainAndAgain() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      for (int i = 0; i < 5; i++) {
        String old = secret.password("AWSCURRENT");
        secret.rotate();
        assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
        assertThat(secret.logsIn(old)).isFalse();
      }
    }
  }

  @Test
  void keepsEverythingElseInTheSecretToTheLetter() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      String before =
          secret
              .json(secret.role.name(), secret.role.password())
              .replace(
                  "{",
                  "{ \"note\" : \"caf\\u00e9\", \"weight\": 1.50, \"big\":12345678901234567890,\n")
              .replace(
                  "}", ", \"nested\":{\"password\":\"not this\"}, \"list\":[1,2.0,null,true] }");
      secret.putCurrent(before);

      secret.rotate();

      String after = secret.secretsManager.value(secret.arn, "AWSCURRENT");
      assertThat(after)
          .isEqualTo(
              before.replace(
                  RotatedSecret.quote(secret.role.password()),
                  RotatedSecret.quote(DatabaseSecret.parse(after, "after").password())));
    }
  }

  @Test
  void callsTheServiceTenTimesAtMost() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin();
      assertThat(callsOf(secret, "createSecret"))
          .containsExactly("DescribeSecret", "GetSecretValue", "PutSecretValue");
      assertThat(callsOf(secret, "setSecret"))
          .containsExactly("DescribeSecret", "GetSecretValue", "GetSecretValue");
      assertThat(callsOf(secret, "testSecret")).containsExactly("DescribeSecret", "GetSecretValue");
      assertThat(callsOf(secret, "finishSecret"))
          .containsExactly("DescribeSecret", "UpdateSecretVersionStage");
    }
  }

  private static List<String> callsOf(RotatedSecret secret, String step) {
    secret.secretsManager.service().requests().clear();
    secret.step(step);
    return secret.secretsManager.service().requests().all().stream()
        .map(request -> request.operation())
        .toList();
  }

  @Test
  void everyStepMayBeTakenTwice() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret");
      String pending = secret.password("AWSPENDING");

      secret.step("createSecret", "setSecret", "setSecret", "createSecret", "testSecret");
      secret.step("testSecret", "finishSecret", "finishSecret");

      assertThat(secret.password("AWSCURRENT")).isEqualTo(pending);
      assertThat(secret.logsIn(pending)).isTrue();
      // The version is current: whatever step is asked for again has been done.
      Map<String, List<String>> labels = secret.labels();
      secret.step("createSecret", "setSecret", "testSecret");
      assertThat(secret.labels()).isEqualTo(labels);
      assertThat(secret.logsIn(pending)).isTrue();
    }
  }

  @Test
  void neverShowsThePasswordToTheServerNorToTheLog() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      TestPostgres postgres = secret.database.postgres();
      String mark = postgres.mark();

      secret.rotate();

      String log = postgres.logSince(mark);
      assertThat(log)
          .contains("SCRAM-SHA-256$")
          .doesNotContain(secret.password("AWSCURRENT"))
          .doesNotContain(secret.role.password());
      assertThat(secret.context.log())
          .isNotEmpty()
          .noneMatch(line -> line.contains(secret.password("AWSCURRENT")))
          .noneMatch(line -> line.contains(secret.role.password()))
          .allMatch(line -> line.contains(secret.arn) && line.contains(secret.token));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "o'Brien",
        "a \"quoted\" name",
        "MixedCase",
        "caf\u00e9 \u65e5\u672c\u8a9e",
        "back\\slash",
        "semi;colon--",
        "percent%s",
        "$dollar$",
        "\ud83d\udd11key",
        "sixty-three-bytes-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void rotatesAUserOfAnyName(String name) throws Exception {
    try (RotatedSecret secret = new RotatedSecret(name)) {
      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isFalse();
    }
  }

  @Test
  void rotatesAUserThatRunsAsAnotherRole() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      String owner = secret.database.createRole("owner").quoted();
      secret.database.run(
          "GRANT %1$s TO %2$s; ALTER ROLE %2$s SET role = %1$s"
              .formatted(owner, secret.role.quoted()));

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isFalse();
    }
  }

  @Test
  void rotatesAUserWhoseTransactionsAreReadOnly() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.database.run(
          "ALTER ROLE " + secret.role.quoted() + " SET default_transaction_read_only = on");

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isFalse();
    }
  }

  @Test
  void keepsAVerifierWhereTheServerWouldKeepAnMd5HashAndSaysWhy() throws Exception {
    try (RotatedSecret secret = new RotatedSecret();
        Connection superuser = secret.database.superuser()) {
      secret.database.run(
          "ALTER ROLE " + secret.role.quoted() + " SET password_encryption = 'md5'");

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(
              TestSql.rows(
                  superuser,
                  "SELECT rolpassword FROM pg_authid WHERE rolname = ?",
                  secret.role.name()))
          .singleElement()
          .satisfies(row -> assertThat(row[0]).startsWith("SCRAM-SHA-256$"));
      assertThat(secret.context.log())
          .anyMatch(
              line -> line.contains("password_encryption is md5") && line.contains("MD5 hash"));
    }
  }

  @Test
  void saysWhyAServerMayRefuseAVerifier() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.database.run(
          "ALTER ROLE %s SET session_preload_libraries = 'passwordcheck'"
              .formatted(secret.role.quoted()));
      secret.begin();
      // The one verifier that this check refuses: the password is the user's name.
      secret.putPending(secret.json(secret.role.name(), secret.role.name()));

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("22023", "verifier", "credcheck.encrypted_password_allowed");
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }

  @Test
  void passesTheRotationTokenOn() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin();
      String event = RotatedSecret.event("createSecret", secret.arn, secret.token);

      // The service knows it by its length alone, here.
      assertThat(
              catchThrowable(
                  () -> secret.invoke(event.replace(RotatedSecret.ROTATION_TOKEN, "short"))))
          .hasMessageContainingAll("PutSecretValue", "otationToken")
          .hasMessageNotContaining("short");
      secret.invoke(event);
      assertThat(secret.password("AWSPENDING")).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"port\":\"%s\"", "\"port\":%s"})
  void takesThePortAsNumberAndAsText(String port) throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      int number = secret.database.postgres().port();
      secret.putCurrent(
          secret
              .json(secret.role.name(), secret.role.password())
              .replace("\"port\":" + number, port.formatted(number)));

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
    }
  }
}
