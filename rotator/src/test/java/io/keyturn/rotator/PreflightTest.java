package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

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
      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll("Nothing was changed", grant);
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
      assertThat(catchThrowable(() -> secret.step("setSecret")))
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
        assertThat(catchThrowable(() -> secret.step("setSecret")))
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
      secret.asCurrent(grant);
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

  private static void assertRefuses(AlternatingSecret secret, String remedy) throws Exception {
    secret.begin().step("createSecret");
    assertThat(catchThrowable(() -> secret.step("setSecret")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("Nothing was changed", remedy);
    assertThat(secret.database.canLogIn(secret.app)).isTrue();
    assertThat(secret.database.hasRole(secret.twin)).isFalse();
  }

  private static void assertFinishes(AlternatingSecret secret) throws Exception {
    secret.step("setSecret", "testSecret", "finishSecret");
    assertThat(secret.logsIn("AWSCURRENT")).isTrue();
  }
}
