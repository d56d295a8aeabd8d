package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the twin has becomes the base's, so that neither gains by it and neither loses. */
@Tag("every-postgres")
class HandoverTest {
  private static final TestPostgres POSTGRES = TestPostgres.shared();

  @Test
  void theApplicationsFunctionsDoNotSpeakForTheAdmin() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      secret.asCurrent(
          """
          CREATE TABLE shop.bait (a int); ALTER TABLE shop.bait ENABLE ROW LEVEL SECURITY;
          CREATE POLICY p ON shop.bait TO %1$s;
          GRANT SELECT ON shop.bait TO %1$s;
          CREATE FUNCTION shop.format(text, name, regclass, text) RETURNS text LANGUAGE sql AS $$SELECT 'ALTER ROLE %2$s CREATEDB'$$;
          CREATE FUNCTION shop.quote_ident(name) RETURNS text LANGUAGE sql AS $$SELECT '%2$s; ALTER ROLE %2$s CREATEDB'$$;
          ALTER ROLE %2$s SET search_path = shop, pg_catalog;
          """
              .formatted(secret.quotedTwin(), secret.app.quoted()));

      secret.rotate().rotate();

      assertThat(
              secret.currentSees(
                  "SELECT rolcreatedb FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) current_user"))
          .isEqualTo("f");
    }
  }

  @Test
  void aRevokeStaysRevoked() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      secret.asAdmin(
          """
          CREATE TABLE shop.salaries (a int, b int); CREATE SCHEMA hr; CREATE TABLE hr.people (a int);
          GRANT SELECT, INSERT ON shop.salaries TO %1$s, %2$s; GRANT UPDATE (b) ON shop.salaries TO %1$s, %2$s;
          GRANT USAGE ON SCHEMA hr TO %2$s; GRANT SELECT ON hr.people TO %2$s;
          ALTER DEFAULT PRIVILEGES IN SCHEMA hr GRANT SELECT ON TABLES TO %2$s;
          """
              .formatted(secret.app.quoted(), secret.quotedTwin()));
      String readers = TestDatabase.unique("readers");
      secret.database.dropLater(readers);
      secret.asAdmin(
          "CREATE ROLE %1$s; GRANT %1$s TO %2$s"
              .formatted(AlternatingSecret.quoted(readers), secret.quotedTwin()));
      secret.rotate();
      secret.asCurrent("SELECT * FROM shop.salaries; SELECT * FROM hr.people");
      assertThat(secret.context.log())
          .anyMatch(
              line ->
                  line.contains("GRANT SELECT ON TABLE hr.people TO " + secret.app.quoted())
                      || line.contains("GRANT SELECT ON TABLE hr.people TO " + secret.app.name()));
      secret.asAdmin(
          """
          REVOKE ALL ON shop.salaries FROM %1$s; REVOKE ALL ON SCHEMA hr FROM %1$s; REVOKE ALL ON hr.people FROM %1$s;
          ALTER DEFAULT PRIVILEGES IN SCHEMA hr REVOKE ALL ON TABLES FROM %1$s; REVOKE %2$s FROM %1$s
          """
              .formatted(secret.app.quoted(), AlternatingSecret.quoted(readers)));

      for (int rotation = 0; rotation < 2; rotation++) {
        secret.rotate();
        for (String denied :
            List.of(
                "SELECT * FROM shop.salaries",
                "UPDATE shop.salaries SET b = 1",
                "SELECT * FROM hr.people",
                "SET ROLE " + AlternatingSecret.quoted(readers))) {
          assertThat(catchThrowable(() -> secret.asCurrent(denied)))
              .hasMessageContaining("permission denied");
        }
      }
      assertThat(heldByTwin(secret)).isEqualTo("0");
    }
  }

  @Test
  void whatIsHandedOverIsNotLookedForAgain() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret();
        TestDatabase second = TestDatabase.create("second")) {
      secret.leaveAsAwsTemplateDoes();
      leaveObjects(secret);
      second.run(
          "CREATE TABLE t (a int); GRANT SELECT ON t TO %s; GRANT ALL ON SCHEMA public TO %s WITH GRANT OPTION; ALTER TABLE t OWNER TO %s"
              .formatted(secret.quotedTwin(), secret.admin.quoted(), secret.quotedTwin()));
      secret.rotate();
      secret.rotate();
      String mark = POSTGRES.mark();

      secret.begin().step("createSecret", "setSecret");

      assertThat(
              POSTGRES
                  .logSince(mark)
                  .lines()
                  .filter(line -> line.contains("authorized: user"))
                  .filter(
                      line ->
                          line.contains(secret.admin.name()) || line.contains(secret.app.name())))
          .as("the current login's and the admin's")
          .hasSize(2);
      secret.step("testSecret", "finishSecret");
    }
  }

  @Test
  void everyKindOfObjectBecomesTheBases() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      leaveObjects(secret);

      secret.rotate();

      assertThat(secret.context.log()).noneMatch(line -> line.contains("could be handed over"));
      assertThat(heldByTwin(secret)).isEqualTo("0");
      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      secret.asCurrent(
          """
          ALTER TABLE own."T t" ADD COLUMN later int; DROP VIEW own.v; REFRESH MATERIALIZED VIEW own.m;
          DROP FUNCTION own.f(int); DROP PROCEDURE own.p(int); DROP AGGREGATE own.cnt(*); ALTER TYPE own.e ADD VALUE 'b';
          DROP DOMAIN own.d; DROP TYPE own.r; DROP OPERATOR own.+ (text, text); DROP COLLATION own.co;
          DROP STATISTICS own.st; DROP TEXT SEARCH CONFIGURATION own.cf; DROP PUBLICATION %s;
          SELECT lo_unlink(oid) FROM pg_largeobject_metadata; SELECT nextval('own.sq');
          INSERT INTO own.part VALUES (1); DROP TABLE own.part; DROP SCHEMA own CASCADE
          """
              .formatted(AlternatingSecret.quoted("pub " + secret.twin)));
    }
  }

  private static void leaveObjects(AlternatingSecret secret) throws SQLException {
    String database = AlternatingSecret.quoted(secret.database.name());
    secret.database.run("ALTER DATABASE %s OWNER TO %s".formatted(database, secret.admin.quoted()));
    secret.asAdmin("GRANT CREATE ON DATABASE %s TO %s".formatted(database, secret.quotedTwin()));
    secret.asCurrent(
        """
        CREATE SCHEMA own;
        CREATE TABLE own."T t" (id serial PRIMARY KEY, j int GENERATED ALWAYS AS IDENTITY);
        CREATE VIEW own.v AS SELECT 1 AS x; CREATE MATERIALIZED VIEW own.m AS SELECT 1 AS y;
        CREATE FUNCTION own.f(int, OUT text) LANGUAGE sql AS 'SELECT NULL::text';
        CREATE PROCEDURE own.p(int) LANGUAGE sql AS 'SELECT 1';
        CREATE AGGREGATE own.cnt(*) (sfunc = int8inc, stype = int8, initcond = '0');
        CREATE AGGREGATE own.s2(int) (sfunc = int4pl, stype = int4);
        CREATE TYPE own.e AS ENUM ('a'); CREATE DOMAIN own.d AS int CHECK (value > 0); CREATE TYPE own.c AS (a int);
        CREATE TYPE own.r AS RANGE (subtype = int);
        CREATE OPERATOR own.+ (leftarg = text, rightarg = text, function = textcat);
        CREATE OPERATOR own.@- (rightarg = int4, function = int4um);
        CREATE COLLATION own.co FROM "C"; CREATE STATISTICS own.st ON id, j FROM own."T t";
        CREATE TEXT SEARCH DICTIONARY own.di (template = simple); CREATE TEXT SEARCH CONFIGURATION own.cf (copy = simple);
        CREATE CONVERSION own.conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
        CREATE PUBLICATION %s FOR TABLE own."T t"; SELECT lo_create(0); CREATE SEQUENCE own.sq;
        CREATE TABLE own.part (a int) PARTITION BY LIST (a);
        CREATE TABLE own.part1 PARTITION OF own.part FOR VALUES IN (1);
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA own GRANT SELECT ON TABLES TO %s;
        """
            .formatted(AlternatingSecret.quoted("pub " + secret.twin), secret.admin.quoted()));
  }

  private static String heldByTwin(AlternatingSecret secret) throws SQLException {
    try (Connection superuser = secret.database.superuser()) {
      return TestSql.rows(
              superuser,
              """
              SELECT count(*)::text FROM pg_shdepend
              WHERE refobjid = (SELECT oid FROM pg_roles WHERE rolname = ?) AND deptype IN ('a', 'o', 'r')
                AND classid <> 'pg_auth_members'::regclass
              """,
              secret.twin)
          .get(0)[0];
    }
  }

  @Test
  void revokedDefaultPrivilegesAreTheBasesToo() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.asCurrent(
          "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO "
              + secret.admin.quoted());

      secret.rotate();

      secret.asCurrent(
          "CREATE FUNCTION shop.secretive() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE shop.open (a int)");
      assertThat(
              secret.currentSees(
                  "SELECT has_function_privilege('%s', 'shop.secretive()', 'EXECUTE')::text || has_table_privilege('%s', 'shop.open', 'SELECT')"
                      .formatted(secret.admin.name(), secret.admin.name())))
          .isEqualTo("falsetrue");
    }
  }

  @Test
  void aPolicyIsFoundByItsTablesSchema() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      for (String schema : List.of("one", "two")) {
        secret.asAdmin(
            """
            CREATE SCHEMA %1$s; GRANT USAGE ON SCHEMA %1$s TO %2$s; CREATE TABLE %1$s.t (a int);
            INSERT INTO %1$s.t VALUES (1); ALTER TABLE %1$s.t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON %1$s.t TO %2$s
            """
                .formatted(schema, secret.quotedTwin()));
      }
      secret.asAdmin(
          "CREATE POLICY p ON two.t TO %s USING (true); CREATE POLICY p ON one.t TO %s USING (true); ALTER ROLE %s SET search_path = one, two"
              .formatted(secret.quotedTwin(), secret.admin.quoted(), secret.quotedTwin()));

      secret.rotate();

      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      assertThat(
              secret.currentSees(
                  "SELECT (SELECT count(*) FROM one.t) || ' ' || (SELECT count(*) FROM two.t)"))
          .isEqualTo("0 1");
    }
  }

  @Test
  void theBaseIsNotMadeCurrentWithoutWhatItCannotBeGiven() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      String owner = secret.database.createRole("owner").quoted();
      secret.database.run(
          """
          CREATE SCHEMA strange AUTHORIZATION %2$s; CREATE TABLE strange.t (a int);
          GRANT USAGE ON SCHEMA strange TO %1$s; GRANT SELECT ON strange.t TO %1$s; ALTER TABLE strange.t OWNER TO %2$s;
          CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
          CREATE USER MAPPING FOR %1$s SERVER s OPTIONS (password 'of-the-mapping');
          GRANT USAGE ON FOREIGN DATA WRAPPER w TO %1$s
          """
              .formatted(secret.quotedTwin(), owner));
      secret.asCurrent("CREATE TABLE shop.own (a int)");
      secret.begin().step("createSecret");

      Throwable refusal = catchThrowable(() -> secret.step("setSecret"));

      assertThat(secret.check().report().path("findings").toString())
          .contains("\"blocks\",\"code\":\"handover\"", "GRANT SELECT ON TABLE strange.t TO");
      assertThat(refusal)
          .hasMessageContainingAll(
              "AWSCURRENT stays",
              "SELECT on table strange.t",
              "GRANT SELECT ON TABLE strange.t TO",
              "GRANT USAGE ON FOREIGN DATA WRAPPER w TO",
              "CREATE USER MAPPING FOR ");
      assertThat(Throwables.everythingIn(refusal)).doesNotContain("of-the-mapping");
      assertThat(secret.database.canLogIn(secret.app)).isTrue();
      secret.asCurrent("SELECT * FROM strange.t; ALTER TABLE shop.own ADD COLUMN b int");

      secret.database.run(
          """
          GRANT USAGE ON SCHEMA strange TO %1$s; GRANT SELECT ON strange.t TO %1$s;
          CREATE USER MAPPING FOR %1$s SERVER s OPTIONS (password 'x'); GRANT USAGE ON FOREIGN DATA WRAPPER w TO %1$s
          """
              .formatted(secret.app.quoted()));
      secret.step("setSecret", "testSecret", "finishSecret");
      secret.asCurrent("SELECT * FROM strange.t; ALTER TABLE shop.own DROP COLUMN b");
    }
  }

  @Test
  void aLargeObjectThatTheBaseMayNotReadIsNamed() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      String owner = secret.database.createRole("owner").quoted();
      secret.database.run(
          "SET ROLE %1$s; SELECT lo_create(7), lo_create(8), lo_create(9); GRANT SELECT ON LARGE OBJECT 7, 8 TO %2$s; GRANT SELECT ON LARGE OBJECT 9 TO PUBLIC"
              .formatted(owner, secret.quotedTwin()));
      secret.begin().step("createSecret");

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll(
              "AWSCURRENT stays",
              "SELECT on large object 7 and 1 more",
              "GRANT SELECT ON LARGE OBJECT 8");

      secret.database.run("GRANT SELECT ON LARGE OBJECT 7, 8 TO %s".formatted(secret.app.quoted()));
      secret.step("setSecret", "testSecret", "finishSecret");
      secret.asCurrent("SELECT lo_get(7), lo_get(9)");
    }
  }

  @Test
  void aGrantOnAParameterIsNamed() throws Exception {
    assumeTrue(POSTGRES.majorVersion() >= 15, "Parameters have no grants before PostgreSQL 15");
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      secret.database.run("GRANT SET ON PARAMETER work_mem TO " + secret.quotedTwin());
      secret.rotate();
      assertThat(secret.context.log())
          .anyMatch(line -> line.contains("GRANT SET ON PARAMETER work_mem TO"));
      secret.database.run("REVOKE SET ON PARAMETER work_mem FROM " + secret.quotedTwin());
    }
  }

  /** Otherwise the next rotation would give it again, after a REVOKE. */
  @Test
  void whatCannotBeTakenFromTheTwinIsNotGivenToTheBase() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate();
      String owner = secret.database.createRole("owner").quoted();
      secret.database.run(
          """
          CREATE SCHEMA strange AUTHORIZATION %1$s; CREATE TABLE strange.t (a int); CREATE TABLE strange.u (a int);
          ALTER TABLE strange.t OWNER TO %1$s; ALTER TABLE strange.u OWNER TO %1$s; SET ROLE %1$s;
          GRANT USAGE ON SCHEMA strange TO %2$s, %3$s; GRANT SELECT ON strange.t, strange.u TO %3$s WITH GRANT OPTION
          """
              .formatted(owner, secret.app.quoted(), secret.quotedTwin()));
      secret.asAdmin(
          "CREATE TABLE shop.t (a int); GRANT SELECT ON shop.t TO " + secret.quotedTwin());

      secret.rotate();

      assertThat(catchThrowable(() -> secret.asCurrent("SELECT * FROM strange.t")))
          .hasMessageContaining("permission denied");
      secret.asCurrent("SELECT * FROM shop.t");
      assertThat(secret.context.log())
          .anyMatch(
              line ->
                  line.contains("GRANT SELECT ON TABLE strange.t TO")
                      && line.contains("REVOKE SELECT ON TABLE strange.u FROM"));
    }
  }

  @Test
  void oneObjectThatCannotMoveCostsNoOther() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      String owner = secret.database.createRole("owner").quoted();
      secret.database.run(
          "CREATE SCHEMA stuck AUTHORIZATION %s; GRANT USAGE, CREATE ON SCHEMA stuck TO %s; GRANT USAGE ON SCHEMA stuck TO %s"
              .formatted(owner, secret.quotedTwin(), secret.app.quoted()));
      secret.asCurrent(
          """
          CREATE TABLE shop.own (a int);
          CREATE FUNCTION stuck.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION stuck.f() FROM PUBLIC
          """);
      secret.begin().step("createSecret");
      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll("CREATE on schema stuck", "ALTER ROUTINE stuck.f() OWNER TO");
      assertThat(secret.check().report().path("findings").toString())
          .contains("\"blocks\",\"code\":\"handover\"", "GRANT CREATE ON SCHEMA stuck TO");
      secret.database.run("REVOKE CREATE ON SCHEMA stuck FROM " + secret.quotedTwin());

      secret.step("setSecret", "testSecret", "finishSecret");

      secret.asCurrent("ALTER TABLE shop.own ADD COLUMN b int; SELECT stuck.f()");
      assertThat(secret.context.log())
          .anyMatch(line -> line.contains("ALTER ROUTINE stuck.f() OWNER TO"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lock_timeout = 1",
        "statement_timeout = 2",
        "default_transaction_read_only = on",
        "default_transaction_isolation = serializable",
        "idle_in_transaction_session_timeout = 900",
        "search_path = ''"
      })
  void theRolesOwnSettingsAreTheApplications(String setting) throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.asCurrent("CREATE TABLE shop.own (a int)");
      for (String role : List.of(secret.quotedTwin(), secret.app.quoted(), secret.admin.quoted())) {
        secret.database.run("ALTER ROLE " + role + " SET " + setting);
      }

      secret.rotate().rotate().rotate();

      assertThat(secret.currentSees("SHOW " + setting.split(" ", 2)[0]))
          .startsWith(setting.split(" = ", 2)[1].replace("''", "\"\""));
      secret.database.run("ALTER ROLE %s RESET ALL".formatted(secret.app.quoted()));
      secret.asCurrent("ALTER TABLE shop.own ADD COLUMN b int");
    }
  }
}
