package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the writer of a secret may try, who knows no password of the role that it names. */
class HostileSecretTest {
  @ParameterizedTest
  @ValueSource(strings = {"alternating", "single"})
  void aServerOfTheWritersAtAnotherPortProvesNothing(String strategy) throws Exception {
    try (CredulousServer attackers = new CredulousServer();
        AlternatingSecret secret =
            new AlternatingSecret("app", Map.of("ROTATION_STRATEGY", strategy))) {
      int port = secret.database.postgres().port();
      secret.changePasswordsByHand();
      secret.putCurrent(
          secret
              .json(secret.app.name(), "guessed", secret.adminArn)
              .replace("\"port\":" + port, "\"port\":" + attackers.port()));
      secret.begin().step("createSecret");

      assertThat(secret.refusal("setSecret"))
          .hasMessageContainingAll(
              "Nothing was changed", "port " + port, "port " + attackers.port());
      assertThat(attackers.logins()).as("passwords sent to the writer's server").isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alternating", "single"})
  void theDatabaseThatTheWriterNamesDoesNotMatter(String strategy) throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("ROTATION_STRATEGY", strategy))) {
      secret.changePasswordsByHand();
      secret.putCurrent(
          secret
              .json(secret.app.name(), "guessed", secret.adminArn)
              .replace(secret.database.name(), "no_such_database"));
      secret.begin().step("createSecret");

      // Not that the database is missing: the proof is made in the admin's.
      assertThat(secret.refusal("setSecret"))
          .satisfies(failure -> assertThat(Throwables.everythingIn(failure)).contains("28P01"));
    }
  }

  @Test
  void aUserThatMayNotConnectToTheAdminsDatabaseProvesItself() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret();
        TestDatabase adminsOwn = TestDatabase.create("admins")) {
      String name = AlternatingSecret.quoted(adminsOwn.name());
      adminsOwn.run(
          "REVOKE CONNECT ON DATABASE %1$s FROM PUBLIC; GRANT CONNECT ON DATABASE %1$s TO %2$s"
              .formatted(name, secret.admin.quoted()));
      secret.putAdmin(
          secret
              .json(secret.admin.name(), secret.admin.password(), null)
              .replace(secret.database.name(), adminsOwn.name()));
      secret.rotate();
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();

      secret.changePasswordsByHand();
      secret.begin().step("createSecret");
      assertThat(secret.refusal("setSecret")).hasMessageContaining("does not log in");
    }
  }

  @Test
  void aRoleThatHasANameLikeATwinsIsLeftAlone() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      TestRole other =
          secret.database.createRole(
              new TestRole(secret.twin, UUID.randomUUID().toString()), "LOGIN");
      secret.database.run(
          "GRANT %s TO %s WITH ADMIN OPTION".formatted(other.quoted(), secret.admin.quoted()));
      secret.begin().step("createSecret");

      String grant = "GRANT %s TO %s".formatted(secret.app.quoted(), other.quoted());
      assertThat(secret.refusal("setSecret"))
          .hasMessageContainingAll("Nothing was changed", grant, "ROTATION_STRATEGY");
      assertThat(secret.database.canLogIn(other)).isTrue();

      secret.asAdmin(grant);
      secret.step("setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }
}
