package io.keyturn.rotator;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Nobody who may create a function, an operator, a table or a type has the admin use it.
 *
 * <p>What a rotation uses is read from the server's log, so that no new statement is forgotten.
 */
@Tag("every-postgres")
class ShadowedNamesTest {
  private static final Pattern WORD = Pattern.compile("[a-z_][a-z0-9_]*");
  private static final Pattern SYMBOL = Pattern.compile("[-+*/<>=~!@#%^&|]+");

  @Test
  void noNameThatARotationUsesIsLookedUpOutsideOfTheCatalog() throws Exception {
    TestPostgres postgres = TestPostgres.shared();
    String mark = postgres.mark();
    try (AlternatingSecret secret = new AlternatingSecret()) {
      leaveSomethingOfEachKind(secret);
      secret.rotate().rotate();
    }
    String statements = postgres.logSince(mark);

    try (AlternatingSecret secret = new AlternatingSecret()) {
      leaveSomethingOfEachKind(secret);
      int shadows = shadow(secret, found(WORD, statements), found(SYMBOL, statements));
      assertThat(shadows).isGreaterThan(300);
      secret.database.run(
          "ALTER DATABASE %s SET search_path = evil, pg_catalog"
              .formatted(AlternatingSecret.quoted(secret.database.name())));
      assertThat(catchThrowable(() -> secret.database.run("SELECT hashtext('keyturn')")))
          .hasMessageContaining("shadow of function hashtext");
      assertThat(catchThrowable(() -> secret.database.run("SELECT rolname FROM pg_roles")))
          .hasMessageContaining("shadow of table pg_roles");
      assertThat(catchThrowable(() -> secret.database.run("SELECT 'x'::name = 'y'::text")))
          .hasMessageContaining("shadow of");
      mark = postgres.mark();

      secret.rotate().rotate();

      assertThat(postgres.logSince(mark)).doesNotContain("shadow of");
      secret.database.run(
          "ALTER DATABASE %s RESET search_path"
              .formatted(AlternatingSecret.quoted(secret.database.name())));
      assertThat(
              secret.currentSees(
                  "SELECT count(*) FROM shop.own, shop.granted WHERE shop.own_f() = 1"))
          .isEqualTo("1");
      assertThat(secret.context.log()).noneMatch(line -> line.contains("could be handed over"));
    }
  }

  /** Something of each kind that a rotation hands over. */
  private static void leaveSomethingOfEachKind(AlternatingSecret secret) throws SQLException {
    secret.leaveAsAwsTemplateDoes();
    secret.asAdmin("GRANT USAGE, CREATE ON SCHEMA shop TO " + secret.quotedTwin());
    secret.asCurrent(
        """
        CREATE TABLE shop.own (a int); INSERT INTO shop.own VALUES (1);
        CREATE FUNCTION shop.own_f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE OPERATOR shop.+ (leftarg = text, rightarg = text, function = pg_catalog.textcat);
        ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
        """);
    secret.asAdmin(
        """
        CREATE TABLE shop.granted (a int); INSERT INTO shop.granted VALUES (1);
        GRANT SELECT ON shop.granted TO %1$s;
        ALTER TABLE shop.granted ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON shop.granted TO %1$s USING (true);
        ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO %1$s;
        """
            .formatted(secret.quotedTwin()));
  }

  private static Set<String> found(Pattern pattern, String text) {
    Set<String> found = new TreeSet<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group());
    }
    return found;
  }

  /**
   * Creates what has the name of each function, operator, table and type of the catalog that is
   * among these words: with the same arguments, and with those that the driver sends.
   */
  private static int shadow(AlternatingSecret secret, Set<String> words, Set<String> symbols)
      throws SQLException {
    try (Connection superuser = secret.database.superuser()) {
      TestSql.execute(
          superuser,
          """
          SET search_path = pg_catalog;
          CREATE SCHEMA evil;
          GRANT USAGE ON SCHEMA evil TO PUBLIC;
          CREATE TABLE evil.shadows (what text);
          CREATE FUNCTION evil.tell(what text) RETURNS bool LANGUAGE plpgsql AS
            $f$ BEGIN RAISE EXCEPTION 'shadow of %% was called', what; END $f$;
          CREATE FUNCTION evil.create_shadow(what text, command text) RETURNS void LANGUAGE plpgsql AS
            $f$ BEGIN
              EXECUTE command;
              INSERT INTO evil.shadows VALUES (what);
            EXCEPTION WHEN OTHERS THEN
              -- Such as a function of internal arguments, which nobody can create, or a second one alike.
              RAISE DEBUG '%%: %%', what, SQLERRM;
            END $f$;
          DO $do$
          DECLARE f record;
          BEGIN
            FOR f IN
              SELECT p.proname, pg_get_function_result(p.oid) AS result, a.types
              FROM pg_proc p, LATERAL (
                SELECT coalesce(string_agg(format_type(t, NULL), ', ' ORDER BY n), '') AS types
                FROM unnest(p.proargtypes) WITH ORDINALITY AS x(t, n)
                UNION SELECT coalesce(string_agg(
                       CASE t WHEN 'text'::regtype THEN 'varchar' ELSE format_type(t, NULL) END, ', ' ORDER BY n), '')
                FROM unnest(p.proargtypes) WITH ORDINALITY AS x(t, n)) a
              WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname = ANY (%1$s)
            LOOP
              PERFORM evil.create_shadow('function ' || f.proname, format(
                'CREATE FUNCTION evil.%%I(%%s) RETURNS %%s LANGUAGE plpgsql AS '
                || '''BEGIN PERFORM evil.tell(''''function %%s''''); END''',
                f.proname, f.types, f.result, f.proname));
            END LOOP;
            FOR f IN
              SELECT o.oprname, format_type(nullif(o.oprleft, 0), NULL) AS l, format_type(o.oprright, NULL) AS r,
                     format_type(o.oprresult, NULL) AS result, row_number() OVER () AS n
              FROM pg_operator o WHERE o.oprname = ANY (%2$s)
              UNION ALL
              SELECT s, l, r, 'bool', 10000 + row_number() OVER ()
              FROM unnest(%2$s) s, unnest(ARRAY['name', 'text', 'varchar']) l, unnest(ARRAY['name', 'text', 'varchar']) r
            LOOP
              PERFORM evil.create_shadow('function of operator ' || f.oprname, format(
                'CREATE FUNCTION evil.operator_%%s(%%s) RETURNS %%s LANGUAGE plpgsql AS '
                || '''BEGIN PERFORM evil.tell(''''operator %%s''''); END''',
                f.n, concat_ws(', ', f.l, f.r), f.result, f.oprname));
              PERFORM evil.create_shadow('operator ' || f.oprname, format(
                'CREATE OPERATOR evil.%%s (%%s RIGHTARG = %%s, FUNCTION = evil.operator_%%s)',
                f.oprname, 'LEFTARG = ' || f.l || ',', f.r, f.n));
            END LOOP;
            FOR f IN
              SELECT relname FROM pg_class
              WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') AND relname = ANY (%1$s)
            LOOP
              PERFORM evil.create_shadow('table ' || f.relname, format(
                'CREATE VIEW evil.%%1$I AS SELECT * FROM pg_catalog.%%1$I WHERE evil.tell(''table %%1$s'')', f.relname));
              PERFORM evil.create_shadow('grant', format('GRANT SELECT ON evil.%%I TO PUBLIC', f.relname));
            END LOOP;
            FOR f IN
              SELECT typname FROM pg_type
              WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typname = ANY (%1$s)
            LOOP
              PERFORM evil.create_shadow('type ' || f.typname, format(
                'CREATE DOMAIN evil.%%1$I AS pg_catalog.%%1$I CHECK (evil.tell(''type %%1$s''))', f.typname));
            END LOOP;
          END $do$;
          """
              .formatted(array(words), array(symbols)));
      return Integer.parseInt(
          TestSql.rows(superuser, "SELECT count(*)::text FROM evil.shadows").get(0)[0]);
    }
  }

  private static String array(Set<String> texts) {
    return texts.stream()
        .map(text -> "'" + text + "'")
        .collect(joining(", ", "ARRAY[", "]::text[]"));
  }
}
