package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.rds.LocalRds;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two users that are one identity, and an admin that is no superuser. */
@Tag("every-postgres")
@Tag("server")
class AlternatingRotationTest {
  @Test
  void alternatesBetweenTheTwoNamesAndTheCurrentLoginWorksAfterEveryStep() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      for (int rotation = 1; rotation <= 6; rotation++) {
        secret.begin();
        for (String step :
            new String[] {"createSecret", "setSecret", "testSecret", "finishSecret"}) {
          secret.step(step, new TestContext());
          assertThat(secret.logsIn("AWSCURRENT")).as("after %s", step).isTrue();
        }
        assertThat(secret.logsIn("AWSPREVIOUS")).isTrue();
        assertThat(secret.secret("AWSCURRENT").username())
            .isEqualTo(rotation % 2 == 0 ? secret.app.name() : secret.twin);
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      }
    }
  }

  @Test
  void whateverOneMakesTheOtherOwns() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      for (int rotation = 0; rotation < 4; rotation++) {
        secret.asCurrent(
            """
            CREATE TABLE shop.t%1$d (id serial PRIMARY KEY); INSERT INTO shop.t%1$d DEFAULT VALUES;
            CREATE VIEW shop.v%1$d AS SELECT id FROM shop.t%1$d;
            CREATE FUNCTION shop.f%1$d() RETURNS int LANGUAGE sql AS 'SELECT 1';
            CREATE TYPE shop.e%1$d AS ENUM ('a');
            SELECT lo_create(0);
            """
                .formatted(rotation));
        secret.rotate();
        secret.asCurrent(
            """
            ALTER TABLE shop.t%1$d ADD COLUMN n int; INSERT INTO shop.t%1$d DEFAULT VALUES;
            DROP VIEW shop.v%1$d; DROP FUNCTION shop.f%1$d(); ALTER TYPE shop.e%1$d ADD VALUE 'b';
            TRUNCATE shop.t%1$d RESTART IDENTITY; DROP TABLE shop.t%1$d;
            """
                .formatted(rotation));
      }
      assertThat(
              secret.currentSees(
                  "SELECT count(*) FROM pg_largeobject_metadata WHERE lomowner <> current_user::regrole"))
          .isEqualTo("0");
    }
  }

  @Test
  void grantsToEitherServeBoth() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.asAdmin(
          "CREATE TABLE shop.public_t (a int, b int); CREATE TABLE shop.other_t (a int); CREATE SEQUENCE shop.s");
      secret.rotate();
      String app = secret.app.quoted();
      String twin = secret.quotedTwin();
      secret.asAdmin(
          "GRANT SELECT ON shop.public_t TO "
              + app
              + "; GRANT INSERT, SELECT ON shop.other_t TO "
              + twin
              + "; GRANT UPDATE (b) ON shop.public_t TO "
              + twin
              + "; GRANT USAGE ON SEQUENCE shop.s TO "
              + twin
              + "; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "
              + twin);
      for (int rotation = 0; rotation < 2; rotation++) {
        secret.rotate();
        secret.asAdmin("CREATE TABLE shop.later_" + rotation + " (a int)");
        secret.asCurrent(
            "SELECT * FROM shop.public_t; INSERT INTO shop.other_t VALUES (1); SELECT * FROM shop.other_t;"
                + " UPDATE shop.public_t SET b = 1; SELECT nextval('shop.s'); SELECT * FROM shop.later_"
                + rotation);
      }
      assertThat(secret.context.log()).noneMatch(line -> line.contains("could be handed over"));
    }
  }

  @Test
  void healsWhatAwsTemplateLeftBehind() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.asCurrent(
          """
          CREATE TABLE shop.orders (id serial PRIMARY KEY); INSERT INTO shop.orders DEFAULT VALUES;
          CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
          SELECT lo_create(4711);
          """);
      secret.database.run("ALTER ROLE " + secret.quotedTwin() + " SET search_path = shop, public");

      secret.rotate();

      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      assertThat(secret.currentSees("SELECT count(*) FROM orders")).isEqualTo("1");
      secret.asCurrent(
          "ALTER TABLE orders ADD COLUMN n int; DROP FUNCTION f(); SELECT lo_unlink(4711)");
      secret.rotate();
      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.twin);
      assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      secret.asCurrent("DROP TABLE orders");
    }
  }

  @Test
  void namesWhatItCouldNotHealAndStillRotates() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      String owner = secret.database.createRole("owner").quoted();
      secret.database.run(
          "CREATE TABLE foreign_t (a int); ALTER TABLE foreign_t OWNER TO %s; GRANT SELECT ON foreign_t TO %s"
              .formatted(owner, secret.quotedTwin()));

      secret.rotate();

      assertThat(secret.context.log())
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("GRANT SELECT ON TABLE public.foreign_t TO " + secret.app.name()));
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void carriesSettingsAndLimitsOverAndKeepsThemInStep() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      String app = secret.app.quoted();
      String database = AlternatingSecret.quoted(secret.database.name());
      // Before 15 only a superuser may set an application's parameter for a role.
      String tenant = mayGrantParameters() ? "my.tenant" : "application_name";
      if (mayGrantParameters()) {
        secret.database.run("GRANT SET ON PARAMETER my.tenant TO " + secret.admin.quoted());
      }
      secret.database.run(
          ("ALTER ROLE %1$s SET search_path = \"$user\", shop, \"odd \"\"schema\"; ALTER ROLE %1$s SET work_mem = '5MB';"
                  + " ALTER ROLE %1$s IN DATABASE %2$s SET %3$s = 'o''Brien \\ co';"
                  + " ALTER ROLE %1$s CONNECTION LIMIT 17 VALID UNTIL '2099-01-01 00:00:00+00'")
              .formatted(app, database, tenant));
      secret.rotate();
      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.twin);
      assertThat(secret.currentSees("SHOW search_path"))
          .isEqualTo("\"$user\", shop, \"odd \"\"schema\"");
      assertThat(secret.currentSees("SHOW work_mem")).isEqualTo("5MB");
      if (mayGrantParameters()) {
        assertThat(secret.currentSees("SHOW my.tenant")).isEqualTo("o'Brien \\ co");
      }
      assertThat(limits(secret)).isEqualTo("17 2099");

      secret.database.run(
          ("ALTER ROLE %1$s RESET work_mem; ALTER ROLE %1$s SET search_path = '';"
                  + " ALTER ROLE %1$s CONNECTION LIMIT -1 VALID UNTIL 'infinity'")
              .formatted(app));
      secret.rotate().rotate();

      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.twin);
      assertThat(secret.currentSees("SHOW search_path")).isEqualTo("\"\"");
      assertThat(secret.currentSees("SHOW work_mem")).isNotEqualTo("5MB");
      assertThat(limits(secret)).isEqualTo("-1 infinity");
    }
  }

  private static boolean mayGrantParameters() {
    return TestPostgres.shared().majorVersion() >= 15;
  }

  @Test
  void namesTheParameterThatTheAdminMayNotSetAndChangesNothing() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " SET my.tenant = 'x'");
      secret.begin().step("createSecret");

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll(
              "Nothing was changed", "SET \"my\".\"tenant\" TO 'x'", "GRANT SET ON PARAMETER");
      assertThat(
              secret.currentSees(
                  "SELECT count(*) FROM pg_roles WHERE rolname = '" + secret.twin + "'"))
          .isEqualTo("0");
    }
  }

  private static String limits(AlternatingSecret secret) throws Exception {
    return secret.currentSees(
        "SELECT rolconnlimit || ' ' || CASE WHEN coalesce(rolvaliduntil, 'infinity') = 'infinity' THEN 'infinity'"
            + " ELSE extract(year FROM rolvaliduntil AT TIME ZONE 'UTC')::text END FROM pg_roles WHERE rolname = '"
            + secret.twin
            + "'");
  }

  @Test
  void membershipsServeBothWhicheverWasGrantedThem() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.asAdmin("CREATE TABLE shop.report (a int)");
      String readers = secret.database.createRole("readers", "NOLOGIN").quoted();
      secret.database.run(
          "GRANT USAGE ON SCHEMA shop TO %1$s; GRANT SELECT ON shop.report TO %1$s; GRANT %1$s TO %2$s"
              .formatted(readers, secret.app.quoted()));
      for (int rotation = 0; rotation < 2; rotation++) {
        secret.rotate();
        secret.asCurrent(
            "SELECT * FROM shop.report; SET ROLE " + readers + "; SELECT * FROM shop.report");
      }
    }
  }

  @Test
  void aMembershipOfTheTwinBecomesTheBases() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      String possible = TestDatabase.unique("possible");
      String impossible = secret.database.createRole("impossible", "NOLOGIN").name();
      secret.database.dropLater(possible);
      secret.asAdmin(
          "CREATE ROLE %1$s; GRANT %1$s TO %2$s WITH ADMIN OPTION"
              .formatted(AlternatingSecret.quoted(possible), secret.quotedTwin()));
      secret.database.run(
          "GRANT %s TO %s".formatted(AlternatingSecret.quoted(impossible), secret.quotedTwin()));

      secret.rotate();

      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      assertThat(
              secret.currentSees(
                  "SELECT pg_has_role('%s', 'MEMBER WITH ADMIN OPTION')".formatted(possible)))
          .isEqualTo("t");
      if (TestPostgres.shared().majorVersion() >= 16) {
        assertThat(secret.context.log())
            .anySatisfy(line -> assertThat(line).contains("run as", "GRANT " + impossible + " TO"));
      }
    }
  }

  @Test
  void healsEveryDatabaseThatTheUserCanConnectTo() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret();
        TestDatabase second = TestDatabase.create("second")) {
      secret.leaveAsAwsTemplateDoes();
      second.run("CREATE SCHEMA theirs; GRANT ALL ON SCHEMA theirs TO " + secret.app.quoted());
      var current = secret.secret("AWSCURRENT");
      second.run(current.username(), current.password(), "CREATE TABLE theirs.t (a int)");

      secret.rotate();

      current = secret.secret("AWSCURRENT");
      assertThat(current.username()).isEqualTo(secret.app.name());
      second.run(
          current.username(),
          current.password(),
          "ALTER TABLE theirs.t ADD COLUMN b int; DROP TABLE theirs.t");
    }
  }

  @Test
  void aRoleThatRunsAsAnOwnerGoesOnDoingSo() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      String owner = secret.database.createRole("owner", "NOLOGIN").name();
      secret.database.run(
          "GRANT %1$s TO %2$s; ALTER ROLE %2$s SET role = %1$s"
              .formatted(AlternatingSecret.quoted(owner), secret.app.quoted()));
      for (int rotation = 0; rotation < 3; rotation++) {
        secret.rotate();
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(owner);
      }
    }
  }

  @Test
  void everyStepMayBeTakenTwice() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin();
      secret.step("createSecret", "createSecret", "setSecret", "setSecret", "createSecret");
      secret.step("setSecret", "testSecret", "testSecret", "finishSecret", "finishSecret");

      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.logsIn("AWSPREVIOUS")).isTrue();
    }
  }

  @Test
  void neverShowsAPasswordToTheServerNorToTheLog() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      TestPostgres postgres = secret.database.postgres();
      String mark = postgres.mark();
      secret.rotate().rotate();

      for (String label : new String[] {"AWSCURRENT", "AWSPREVIOUS"}) {
        String password = secret.secret(label).password();
        assertThat(postgres.logSince(mark)).contains("SCRAM-SHA-256$").doesNotContain(password);
        assertThat(secret.context.log()).noneMatch(line -> line.contains(password));
      }
      assertThat(secret.context.log()).noneMatch(line -> line.contains(secret.admin.password()));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"o'Brien", "a \"b\" c", "MixedCase", "caf\u00e9 \u65e5", "back\\slash", "$x$;--"})
  void rotatesUsersOfAnyName(String name) throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret(name, Map.of())) {
      secret.asCurrent("CREATE TABLE shop.t (a int)");
      secret.rotate();
      secret.asCurrent("DROP TABLE shop.t; CREATE TABLE shop.u (a int)");
      secret.rotate();
      secret.asCurrent("DROP TABLE shop.u");
    }
  }

  @Test
  void refusesANameWhoseTwinWouldNotFit() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      String name = "\u00e9".repeat(29);
      secret.putCurrent(secret.json(name, "x", secret.adminArn));
      secret.begin();
      assertThat(catchThrowable(() -> secret.step("createSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("64 bytes", "63", "ROTATION_STRATEGY");
    }
  }

  @Test
  void theAdminServesNoSecretThatDoesNotProveItsUser() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.changePasswordsByHand();
      secret.begin().step("createSecret");

      assertThat(secret.refusal("setSecret"))
          .hasMessageContainingAll("Nothing was changed", secret.app.name(), "AWSCURRENT");
    }
  }

  @Test
  void theAdminServesNoOtherHost() throws Exception {
    try (LocalRds rds = new LocalRds();
        AlternatingSecret secret =
            new AlternatingSecret("app", Map.of("RDS_ENDPOINT", rds.endpoint().toString()))) {
      String elsewhere =
          secretWithHost(secret.json(secret.admin.name(), secret.admin.password(), null), secret);
      String arn = secret.secretsManager.createSecret(elsewhere);
      secret.putCurrent(secret.json(secret.app.name(), secret.app.password(), arn));
      secret.begin().step("createSecret");

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("elsewhere.invalid", "masterarn");
    }
  }

  private static String secretWithHost(String json, AlternatingSecret secret) {
    return json.replace(
        RotatedSecret.quote(secret.database.postgres().host()), "\"elsewhere.invalid\"");
  }

  @Test
  void testSecretListsWhatThePendingUserLacks() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin().step("createSecret", "setSecret");
      secret.database.run(
          "ALTER ROLE %1$s RESET role; ALTER ROLE %1$s SET work_mem = '7MB'"
              .formatted(secret.quotedTwin()));

      assertThat(catchThrowable(() -> secret.step("testSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll(
              "lacks: runs as " + secret.app.name(), "has: setting work_mem = 7168", secret.arn);
      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
    }
  }

  @Test
  void testSecretWaitsForAReplicaThatDoesNotKnowThePasswordYet() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin().step("createSecret", "setSecret");
      // As a replica: it still has another password than the writer.
      setTwinPassword(secret, "the-one-before");
      String mark = secret.database.postgres().mark();
      CompletableFuture<Void> test = CompletableFuture.runAsync(() -> secret.step("testSecret"));
      await()
          .until(
              () ->
                  secret
                      .database
                      .postgres()
                      .logSince(mark)
                      .contains("password authentication failed for user \"" + secret.twin));

      setTwinPassword(secret, secret.secret("AWSPENDING").password());

      test.join();
      secret.step("finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  private static void setTwinPassword(AlternatingSecret secret, String password) throws Exception {
    secret.database.run(
        "ALTER ROLE %s PASSWORD '%s'"
            .formatted(secret.quotedTwin(), TestPostgres.verifier(password)));
  }

  @Test
  void testSecretRunsTheOperatorsStatement() throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("TEST_SQL", "SELECT * FROM shop.needed"))) {
      secret.begin().step("createSecret", "setSecret");
      assertThat(catchThrowable(() -> secret.step("testSecret")))
          .hasMessageContainingAll("TEST_SQL", "shop.needed", "42P01");
      secret.asCurrent("CREATE TABLE shop.needed (a int)");
      secret.step("testSecret", "finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void theOperatorsStatementLeavesNothingBehind() throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("TEST_SQL", "SELECT shop.count()"))) {
      secret.asCurrent(
          """
          CREATE TABLE shop.counted (a int);
          CREATE FUNCTION shop.count() RETURNS void LANGUAGE sql
            AS 'INSERT INTO shop.counted VALUES (1)';
          """);
      secret.begin().step("createSecret", "setSecret");
      assertThat(catchThrowable(() -> secret.step("testSecret")))
          .hasMessageContainingAll("TEST_SQL", "25006");
      assertThat(secret.currentSees("SELECT count(*) FROM shop.counted")).isEqualTo("0");

      secret.asCurrent(
          "CREATE OR REPLACE FUNCTION shop.count() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(60)'");
      String mark = secret.database.postgres().mark();
      assertThat(catchThrowable(() -> secret.hurriedStep("testSecret")))
          .hasMessageContainingAll("TEST_SQL", "57014");
      assertThat(secret.database.postgres().logSince(mark)).contains("due to statement timeout");
    }
  }

  @Test
  void aTestOfTheSecretSaysWhatItProved() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      // As Secrets Manager does for RotateSecret with RotateImmediately=false.
      secret.begin();
      secret.secretsManager.putPending(
          secret.arn, secret.token, secret.secretsManager.value(secret.arn, "AWSCURRENT"));

      secret.step("testSecret");

      assertThat(secret.context.log())
          .anyMatch(line -> line.contains("this was a test") && line.contains("can be rotated"))
          .noneMatch(line -> line.contains("AWSCURRENT was moved"));
      secret.database.run("ALTER ROLE %s NOCREATEROLE".formatted(secret.admin.quoted()));
      assertThat(secret.refusal("testSecret")).hasMessageContaining("CREATEROLE");
    }
  }

  /** The order that docs/operations.md gives for CloudTrail. */
  @Test
  void callsTheServiceInThisOrder() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin();

      assertThat(callsOf(secret, "createSecret"))
          .containsExactly("DescribeSecret", "GetSecretValue AWSCURRENT", "PutSecretValue");
      assertThat(callsOf(secret, "setSecret"))
          .containsExactly(
              "DescribeSecret",
              "GetSecretValue AWSCURRENT",
              "GetSecretValue AWSCURRENT of the admin",
              "GetSecretValue AWSPENDING");
      assertThat(callsOf(secret, "testSecret"))
          .containsExactly(
              "DescribeSecret", "GetSecretValue AWSPENDING", "GetSecretValue AWSCURRENT");
      assertThat(callsOf(secret, "finishSecret"))
          .containsExactly("DescribeSecret", "UpdateSecretVersionStage AWSCURRENT");
    }
  }

  private static List<String> callsOf(AlternatingSecret secret, String step) {
    secret.secretsManager.service().requests().clear();
    secret.step(step);
    return secret.secretsManager.service().requests().all().stream()
        .map(
            request ->
                request.operation()
                    + request.versionStage().map(label -> " " + label).orElse("")
                    + (request.secretId().equals(Optional.of(secret.adminArn))
                        ? " of the admin"
                        : ""))
        .toList();
  }

  @Test
  void singleUserRotatedByTheAdmin() throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("ROTATION_STRATEGY", "single"))) {
      secret.rotate();

      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.database.canLogIn(secret.app)).isFalse();
      assertThat(secret.context.log()).anyMatch(line -> line.contains("by the admin"));
    }
  }

  @ParameterizedTest
  @CsvSource({"alternating, true", "alternating, false", "single, true", "single, false"})
  void createsTheFirstUserOnlyWhereAsked(String strategy, boolean asked) throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret("app", creating(strategy, asked))) {
      String name = secret.app.name() + "_new";
      secret.database.dropLater(name);
      secret.database.dropLater(name + "_clone");
      secret.putCurrent(secret.json(name, "generated-by-the-stack", secret.adminArn));
      secret.begin().step("createSecret");

      Throwable failure =
          catchThrowable(() -> secret.step("setSecret", "testSecret", "finishSecret"));

      if (asked) {
        assertThat(failure).isNull();
        assertThat(secret.logsIn("AWSCURRENT")).isTrue();
        assertThat(secret.logsIn("AWSPREVIOUS")).isEqualTo(strategy.equals("alternating"));
      } else {
        assertThat(failure).hasMessageContaining(name);
      }
    }
  }

  @Test
  void createsASingleUserWhoseTwinsNameWouldNotFit() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret("app", creating("single", true))) {
      String name = TestDatabase.unique("x".repeat(63));
      secret.database.dropLater(name);
      secret.putCurrent(secret.json(name, "generated-by-the-stack", secret.adminArn));

      secret.rotate();

      assertThat(name).hasSize(63);
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.logsIn("AWSPREVIOUS")).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"alternating, Nothing was changed", "single, None of AWSPENDING"})
  void neverGivesAnExistingUserThePasswordOfASecret(String strategy, String reason)
      throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret("app", creating(strategy, true))) {
      TestRole other = new TestRole(secret.app.name(), "of another owner");
      secret.database.run("ALTER ROLE " + other.quoted() + " PASSWORD '" + other.password() + "'");
      secret.begin().step("createSecret");

      assertThat(catchThrowable(() -> secret.step("setSecret"))).hasMessageContaining(reason);
      assertThat(secret.database.canLogIn(other)).isTrue();
    }
  }

  private static Map<String, String> creating(String strategy, boolean asked) {
    return Map.of("ROTATION_STRATEGY", strategy, "CREATE_USER", String.valueOf(asked));
  }
}
