package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import java.sql.SQLException;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the admin must be able to do, and what is said before anything changes if it is not. */
@Tag("every-postgres")
class PreflightTest {
  @Test
  void namesTheRightToMakeRoles() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("ALTER ROLE " + secret.admin.quoted() + " NOCREATEROLE");
      assertRefuses(secret, "ALTER ROLE " + secret.admin.quoted() + " CREATEROLE");
      secret.database.run("ALTER ROLE " + secret.admin.quoted() + " CREATEROLE");
      assertFinishes(secret);
    }
  }

  @Test
  void namesTheAdminOptionThatPostgresql16AsksFor() throws Exception {
    assumeTrue(
        TestPostgres.shared().majorVersion() >= 16, "Before 16, CREATEROLE alone was enough");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      String grant =
          "GRANT " + secret.app.quoted() + " TO " + secret.admin.quoted() + " WITH ADMIN OPTION";
      secret.database.run(
          "REVOKE " + secret.app.quoted() + " FROM " + secret.admin.quoted() + " CASCADE");
      assertRefuses(secret, grant);
      secret.database.run(grant);
      assertFinishes(secret);
    }
  }

  @Test
  void namesTheAdminOptionOnTheTwinAsWell() throws Exception {
    assumeTrue(
        TestPostgres.shared().majorVersion() >= 16, "Before 16, CREATEROLE alone was enough");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("CREATE ROLE " + secret.quotedTwin());
      String grant =
          "GRANT " + secret.quotedTwin() + " TO " + secret.admin.quoted() + " WITH ADMIN OPTION";
      secret.begin().step("createSecret");
      assertThat(secret.refusal("setSecret")).hasMessageContainingAll("Nothing was changed", grant);
      secret.database.run(grant + "; ALTER ROLE " + secret.quotedTwin() + " LOGIN");
      secret.asAdmin("GRANT " + secret.app.quoted() + " TO " + secret.quotedTwin());
      assertFinishes(secret);
    }
  }

  @Test
  void refusesToRotateASuperuser() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " SUPERUSER");
      assertRefuses(secret, "ALTER ROLE " + secret.app.quoted() + " NOSUPERUSER");
    }
  }

  @Test
  void refusesABaseThatIsAMemberOfItsTwin() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.asAdmin("CREATE ROLE " + secret.quotedTwin() + " LOGIN");
      secret.database.run("GRANT " + secret.quotedTwin() + " TO " + secret.app.quoted());
      String revoke = "REVOKE " + secret.quotedTwin() + " FROM " + secret.app.quoted();
      secret.begin().step("createSecret");
      assertThat(secret.refusal("setSecret"))
          .hasMessageContainingAll("Nothing was changed", revoke);
      secret.database.run(revoke);
      secret.asAdmin("GRANT " + secret.app.quoted() + " TO " + secret.quotedTwin());
      assertFinishes(secret);
    }
  }

  @Test
  void namesTheBaseThatATwinLacks() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      String base = TestDatabase.unique("app");
      database.dropLater(base);
      TestRole twin = new TestRole(base + "_clone", UUID.randomUUID().toString());
      try (AlternatingSecret secret = new AlternatingSecret(database, twin, Map.of())) {
        String create = "CREATE ROLE \"" + base + "\" LOGIN";
        secret.begin().step("createSecret");
        assertThat(secret.refusal("setSecret"))
            .isInstanceOf(RotationException.class)
            .hasMessageContainingAll("Nothing was changed", create);
        secret.asAdmin(create);
        String grant = "GRANT \"%s\" TO %s".formatted(base, twin.quoted());
        assertThat(secret.refusal("setSecret")).hasMessageContaining(grant);
        secret.asAdmin(grant);
        assertFinishes(secret);
      }
    }
  }

  /** Up to PostgreSQL 15 every role may grant itself, and so claim one that has a twin's name. */
  @Test
  void refusesATwinThatTheBaseHasClaimed() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() < 16, "From 16 on, no role may grant itself");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.asAdmin("CREATE ROLE " + secret.quotedTwin() + " LOGIN");
      String grant = "GRANT " + secret.app.quoted() + " TO " + secret.quotedTwin();
      try {
        secret.asCurrent(grant);
      } catch (SQLException e) {
        abort("This minor version lets no role grant itself: " + e.getMessage());
      }
      secret.begin().step("createSecret");
      String remedy =
          "REVOKE " + secret.app.quoted() + " FROM " + secret.quotedTwin() + "; " + grant;
      assertThat(secret.refusal("setSecret"))
          .hasMessageContainingAll("Nothing was changed", remedy);
      secret.asAdmin(remedy);
      assertFinishes(secret);
    }
  }

  /** Who may grant the base, but has no power over the twin, cannot make the two one. */
  @Test
  void refusesATwinThatSomebodyWithoutPowerOverItMadeAMember() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() >= 16, "Before 16, CREATEROLE has that power");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      TestRole lead = secret.database.createRole("lead", "LOGIN CREATEROLE");
      secret.database.run(
          "GRANT %s TO %s WITH ADMIN OPTION".formatted(secret.app.quoted(), lead.quoted()));
      secret.asAdmin("CREATE ROLE " + secret.quotedTwin() + " LOGIN");
      String grant = "GRANT " + secret.app.quoted() + " TO " + secret.quotedTwin();
      secret.database.run(lead.name(), lead.password(), grant);
      secret.begin().step("createSecret");
      assertThat(secret.refusal("setSecret")).hasMessageContainingAll("Nothing was changed", grant);
      secret.asAdmin(grant + " WITH SET FALSE");
      assertThat(secret.refusal("setSecret")).hasMessageContainingAll("Nothing was changed", grant);
      secret.asAdmin(grant + " WITH SET TRUE");
      assertFinishes(secret);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alternating", "single"})
  void aRoleWhoseConnectionsAreUsedUpIsToldAtOnce(String strategy) throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("ROTATION_STRATEGY", strategy))) {
      secret.begin().step("createSecret");
      secret.database.run("ALTER ROLE %s CONNECTION LIMIT 1".formatted(secret.app.quoted()));
      try (var pool = secret.current()) {
        assertThat(pool.isValid(5)).isTrue();
        String mark = secret.database.postgres().mark();

        assertThat(secret.refusalAlone("setSecret"))
            .hasMessageContainingAll(
                "53300",
                "1 of 1 connections in use",
                "ALTER ROLE %s CONNECTION LIMIT 2".formatted(secret.app.quoted()));
        String refused = "too many connections for role \"%s\"".formatted(secret.app.name());
        assertThat(secret.database.postgres().logSince(mark).split(refused))
            .as("one attempt")
            .hasSize(2);
      }
      secret.step("setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void anEndpointOfRdsProxyIsRefusedInEveryStep() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      String host = "shop.proxy-c1example2ab.eu-central-1.rds.amazonaws.com";
      secret.putCurrent(
          secret
              .json(secret.app.name(), secret.app.password(), secret.adminArn)
              .replace("\"" + secret.database.postgres().host() + "\"", "\"" + host + "\""));
      secret.begin();

      for (String step : new String[] {"createSecret", "setSecret"}) {
        assertThat(secret.refusal(step))
            .hasMessageContainingAll("Nothing was changed", host, "RDS Proxy", "cluster");
      }
    }
  }

  private static void assertRefuses(AlternatingSecret secret, String remedy) throws Exception {
    secret.begin().step("createSecret");
    assertThat(secret.refusal("setSecret")).hasMessageContainingAll("Nothing was changed", remedy);
  }

  private static void assertFinishes(AlternatingSecret secret) throws Exception {
    secret.step("setSecret", "testSecret", "finishSecret");
    assertThat(secret.logsIn("AWSCURRENT")).isTrue();
  }
}
