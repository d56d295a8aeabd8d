package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.RoleSettingSupport;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What makes two roles one user beside grants: limits, attributes, and as whom they run. */
@Tag("every-postgres")
class IdentityTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VALID UNTIL '2020-01-01' | VALID UNTIL 'infinity'",
        "VALID UNTIL '-infinity' | VALID UNTIL 'infinity'",
        "CONNECTION LIMIT 0 | CONNECTION LIMIT -1"
      })
  void aBaseThatCouldNotLogInIsNotMadeCurrent(String limit, String remedy) throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " " + limit);
      assertRefusesUntil(secret, "ALTER ROLE " + secret.app.quoted() + " " + remedy);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CONNECTION LIMIT 3 | CONNECTION LIMIT -1",
        "VALID UNTIL '2098-01-01' | VALID UNTIL 'infinity'"
      })
  void theCurrentUsersLimitsAreNotLowered(String limit, String remedy) throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " " + limit);
      assertRefusesUntil(secret, "ALTER ROLE " + secret.app.quoted() + " " + remedy);
    }
  }

  @Test
  void bothMayReplicateOrNeither() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() >= 16, "Before 16, only a superuser might");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate().rotate();
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " REPLICATION");
      assertRefusesUntil(secret, "ALTER ROLE " + secret.quotedTwin() + " REPLICATION");
      secret.rotate();
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " NOREPLICATION");
      assertRefusesUntil(secret, "ALTER ROLE " + secret.quotedTwin() + " NOREPLICATION");
    }
  }

  @Test
  void before16ARoleThatReplicatesIsForASuperuserToRotate() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() < 16, "From 16 on, an admin may");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " REPLICATION");
      assertRefusesUntil(secret, "ALTER ROLE " + secret.app.quoted() + " NOREPLICATION");
    }
  }

  @Test
  void theTwinIsMadeToReplicateWhereTheAdminMay() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() >= 16, "Before 16, only a superuser might");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run(
          "ALTER ROLE %s REPLICATION; ALTER ROLE %s REPLICATION"
              .formatted(secret.app.quoted(), secret.admin.quoted()));
      secret.rotate();
      assertThat(
              secret.currentSees(
                  "SELECT rolreplication FROM pg_roles WHERE rolname = session_user"))
          .isEqualTo("t");
    }
  }

  @Test
  void aTwinThatDoesNotExistIsToBeMadeByASuperuser() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() >= 16, "Before 16, only a superuser might");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " REPLICATION");
      String twin = secret.quotedTwin();
      assertRefusesUntil(
          secret,
          "CREATE ROLE %1$s LOGIN REPLICATION; GRANT %2$s TO %1$s; GRANT %1$s TO %3$s WITH ADMIN OPTION"
              .formatted(twin, secret.app.quoted(), secret.admin.quoted()));
    }
  }

  @Test
  void whatTheCurrentTwinMayMakeTheBaseMayToo() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.database.run("ALTER ROLE " + secret.quotedTwin() + " CREATEDB");
      secret.rotate();
      assertThat(
              secret.currentSees("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user"))
          .isEqualTo("t");
    }
  }

  @Test
  void aTwinThatIsNotCurrentGivesTheBaseNoSetting() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.asAdmin(
          "CREATE ROLE %1$s LOGIN; GRANT %2$s TO %1$s; ALTER ROLE %1$s SET default_transaction_read_only = on"
              .formatted(secret.quotedTwin(), secret.app.quoted()));
      secret.rotate();
      secret.asCurrent("CREATE TABLE shop.t (a int)");
      secret.rotate();
      secret.asCurrent("DROP TABLE shop.t");
    }
  }

  @Test
  void bothRunAsTheRoleThatADatabaseIsSetTo() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      String owner = secret.database.createRole("owner", "NOLOGIN").name();
      String database = AlternatingSecret.quoted(secret.database.name());
      run(
          "GRANT %1$s TO %2$s; ALTER DATABASE %3$s SET role = %1$s"
              .formatted(AlternatingSecret.quoted(owner), secret.app.quoted(), database));
      for (int rotation = 0; rotation < 3; rotation++) {
        secret.rotate();
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(owner);
      }
      run("ALTER DATABASE " + database + " RESET role");
      for (int rotation = 0; rotation < 3; rotation++) {
        secret.rotate();
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      }
      run("ALTER DATABASE %s SET role = %s".formatted(database, secret.admin.quoted()));
      for (int rotation = 0; rotation < 2; rotation++) {
        secret.rotate();
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "130016, LOST_BY_DISCARD_ALL",
    "130017, IGNORED",
    "130018, HOLDS",
    "140013, LOST_BY_DISCARD_ALL",
    "140014, IGNORED",
    "140015, HOLDS",
    "150008, LOST_BY_DISCARD_ALL",
    "150009, IGNORED",
    "150010, HOLDS",
    "160004, LOST_BY_DISCARD_ALL",
    "160005, IGNORED",
    "160006, HOLDS",
    "170000, LOST_BY_DISCARD_ALL",
    "170001, IGNORED",
    "170002, HOLDS",
    "180000, HOLDS",
    "190000, HOLDS"
  })
  void knowsTheMinorsInWhichARoleSettingDoesNotHold(int version, RoleSettingSupport support) {
    assertThat(RoleSettingSupport.of(version)).isEqualTo(support);
  }

  @Test
  void theVerifierHasTheIterationsOfTheServer() throws Exception {
    assumeTrue(TestPostgres.shared().majorVersion() >= 16, "scram_iterations is new in 16");
    try (AlternatingSecret secret = new AlternatingSecret("app", Map.of())) {
      secret.database.run("ALTER ROLE " + secret.admin.quoted() + " SET scram_iterations = 5000");
      String mark = secret.database.postgres().mark();
      secret.rotate();
      assertThat(secret.database.postgres().logSince(mark)).contains("SCRAM-SHA-256$5000:");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  /** Not in the test's database, where even the superuser runs as the role that it is set to. */
  private static void run(String sql) throws SQLException {
    try (Connection superuser = TestPostgres.shared().superuser()) {
      TestSql.execute(superuser, sql);
    }
  }

  /** A refusal changes nothing, and the statement that it names is what it takes. */
  private static void assertRefusesUntil(AlternatingSecret secret, String remedy) throws Exception {
    Catalog before = Catalog.read(secret.database.postgres());
    String name = secret.app.name();
    assertThat(secret.check().blocks()).anyMatch(reason -> reason.contains(remedy));
    secret.begin().step("createSecret");
    assertThat(catchThrowable(() -> secret.step("setSecret")))
        .isInstanceOf(RotationException.class)
        .hasMessageContainingAll("Nothing was changed", remedy);
    assertThat(before.changesUntil(Catalog.read(secret.database.postgres())))
        .noneMatch(entry -> entry.contains(name));
    assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    secret.database.run(remedy);
    secret.step("setSecret", "testSecret", "finishSecret");
    assertThat(secret.logsIn("AWSCURRENT")).isTrue();
  }
}
