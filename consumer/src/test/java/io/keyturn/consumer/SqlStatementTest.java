package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.consumer.QueryException.BadRequestException;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

class SqlStatementTest {
  private static final int STATEMENTS = 200_000;

  private static final List<String> PARTS =
      List.of(
          "'",
          "''",
          "E'",
          "e'",
          "U&'",
          "\\",
          "\"",
          "U&\"",
          "$$",
          "$a$",
          "$a",
          "a$",
          "$1",
          "--",
          "/*",
          "*/",
          "/",
          "*",
          "-",
          "\n",
          "\r",
          "\t",
          " ",
          " ",
          " ",
          ";",
          ";",
          "(",
          ")",
          "[",
          "]",
          ":a",
          ":b ",
          ":1",
          ":2x",
          "::",
          ":=",
          "?",
          "??",
          ",",
          ".",
          "1",
          "a",
          "e",
          "\u00e9",
          "SELECT ",
          "INSERT INTO a ",
          "VALUES (1)",
          " RETURNING ",
          "CREATE ",
          "FUNCTION f() ",
          "BEGIN ",
          "ATOMIC ",
          "CASE ",
          "END ",
          "END",
          "AS ",
          "COPY ",
          "WITH ",
          "{",
          "}",
          "{d ",
          "}");

  /** What the driver reads in another way than PostgreSQL. */
  private static final List<String> ODD_PARTS =
      List.of("/*/", "{fn ", "\ud83d\udd11", "\u00a0", "\u00b2");

  private static SqlStatement parse(String sql) {
    return SqlStatement.parse(sql, true, Set.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1",
        "SELECT ';'",
        "SELECT E'\\';' ",
        "SELECT E'a'\n  'b\\';'",
        "SELECT E'a' -- not a\n",
        "SELECT U&'\\003B;'",
        "SELECT \";\", U&\";\"",
        "SELECT $$;$$, $a$;$$;$a$",
        "SELECT 1 /* ; /* ; */ ; */",
        "SELECT 1 -- ;\r + 1",
        "DO $$ BEGIN PERFORM 1; END $$",
        "CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2)",
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
        "create or replace procedure p() begin atomic select case when true then 1 end; select 2; end",
        "CREATE FUNCTION f() RETURNS int BEGIN /* ; */ ATOMIC SELECT 1 AS end, t.case FROM t; END",
        "PREPARE p AS SELECT 1",
        "SELECT commit, rollback FROM begin",
        "COPY (SELECT 1 FROM stdin) TO '/dev/null'",
        "COPY stdout FROM '/dev/null'",
        "/* BEGIN */ SELECT 1",
        "\"begin\""
      })
  void findsOneStatement(String sql) {
    assertThat(parse(sql).jdbc()).isEqualTo(sql);
    assertThat(parse(sql + ";; /* ; */ ; -- ;\n \n").jdbc()).isEqualTo(sql);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT 1; SELECT 2",
        "SELECT 1;SELECT 2;",
        ";SELECT 1",
        "SELECT 1;'",
        "SELECT '\\'; DROP TABLE a; --'",
        "SELECT $a; DROP TABLE b; $a",
        "SELECT 1 /* */; /* */ SELECT 2",
        "SELECT 1 -- a\r; SELECT 2",
        "SELECT a$$; DROP TABLE a; $$",
        "SELECT 1); SELECT (2",
        "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; DROP TABLE a",
        "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; DROP TABLE a",
        "SELECT begin atomic; DROP TABLE a",
        "CREATE TABLE a (b int); DROP TABLE a"
      })
  void refusesAnotherOne(String sql) {
    assertThatThrownBy(() -> parse(sql))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("more than one statement");
  }

  @Test
  void tellsWhereTheStatementEnds() {
    assertThatThrownBy(() -> parse("SELECT ';'; SELECT 2")).hasMessageContaining("position 11");
  }

  @Test
  void aBackslashEscapesWhereTheServerSaysSo() {
    String sql = "SELECT '\\'; SELECT 1 '";

    assertThat(SqlStatement.parse(sql, false, Set.of()).jdbc()).isEqualTo(sql);
    assertThatThrownBy(() -> parse(sql)).hasMessageContaining("more than one");
  }

  @ParameterizedTest
  @ValueSource(strings = {";", " ; ;", "-- SELECT 1", "/* SELECT 1 */", "/**/;--"})
  void refusesNone(String sql) {
    assertThatThrownBy(() -> parse(sql))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("no statement");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BEGIN",
        "begin isolation level serializable",
        "START TRANSACTION READ WRITE",
        "COMMIT",
        "COMMIT AND CHAIN",
        "END;",
        "ROLLBACK",
        "ABORT",
        "SAVEPOINT a",
        "RELEASE a",
        "ROLLBACK TO a",
        "PREPARE TRANSACTION 'a'",
        "prepare/**/transaction 'a'",
        "COMMIT PREPARED 'a'",
        "ROLLBACK PREPARED 'a'",
        "/* */ -- \n COMMIT",
        "COMMIT;"
      })
  void refusesTransactionControl(String sql) {
    assertThatThrownBy(() -> parse(sql))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("transaction of its own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"COPY a FROM STDIN", "COPY a(b)TO STDOUT", "copy a from\nstdin with csv"})
  void refusesCopyWithAStream(String sql) {
    assertThatThrownBy(() -> parse(sql))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("COPY", "parameterSets");
  }

  /**
   * What is one statement here must be one for the driver as well, with the same parameters: it
   * would run each.
   */
  @Test
  void whatIsOneStatementIsOneForTheDriver() throws SQLException {
    Random random = new Random(4);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < STATEMENTS; i++) {
      boolean standard = random.nextInt(4) > 0;
      boolean odd = random.nextInt(4) == 0;
      String text = text(random, odd);
      SqlStatement sql;
      try {
        sql = SqlStatement.parse(text, standard, Set.of("1", "2x"));
      } catch (BadRequestException e) {
        continue;
      }
      try {
        sql.requireDriverAgrees();
      } catch (BadRequestException e) {
        refused++;
        continue;
      } catch (SQLException e) {
        // Something has no end, which the driver tells in its own words.
        continue;
      }
      accepted++;
      List<NativeQuery> queries =
          Parser.parseJdbcSql(
              Parser.replaceProcessing(sql.jdbc(), true, standard),
              standard,
              true,
              true,
              false,
              false);
      assertThat(queries).as(text).hasSize(1);
      assertThat(queries.get(0).bindPositions).as(text).hasSize(sql.names().size());
    }
    System.out.println(accepted + " statements, " + refused + " that the driver reads otherwise");
    assertThat(accepted).isGreaterThan(STATEMENTS / 4);
    assertThat(refused).isLessThan(accepted / 50);
  }

  private static String text(Random random, boolean odd) {
    StringBuilder text = new StringBuilder(random.nextBoolean() ? "SELECT " : "");
    for (int i = 1 + random.nextInt(14); i > 0; i--) {
      List<String> parts = odd && random.nextInt(6) == 0 ? ODD_PARTS : PARTS;
      text.append(parts.get(random.nextInt(parts.size())));
    }
    return text.toString();
  }

  @Test
  void putsAQuestionMarkForEachUseOfAName() {
    SqlStatement sql = parse("SELECT :a, :b_1+:a WHERE x=:a;");

    assertThat(sql.jdbc()).isEqualTo("SELECT ?, ?+? WHERE x=?");
    assertThat(sql.names()).containsExactly("a", "b_1", "a", "a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT '2026'::date",
        "SELECT ':a', 'it''s :b'",
        "SELECT E'\\':a', e'\\\\', U&'\\003A:b'",
        "SELECT \":a\", \"x\"\":b\"",
        "SELECT 1 -- :a\n",
        "SELECT 1 -- :a",
        "SELECT 1 /* :a /* :b */ :c */ + 2",
        "SELECT $$ :a $$, $t$ :b $$ $t$",
        "SELECT $t_1$ :a $t$ $t_1$",
        "SELECT x[1:2], x[:]",
        "x := 1",
        "SELECT $$ never ends :a",
        "SELECT 'never ends :a",
        "SELECT /* never ends :a",
        "SELECT a$b$c"
      })
  void leavesEveryOtherColonAlone(String text) {
    SqlStatement sql = parse(text);

    assertThat(sql.names()).isEqualTo(List.of());
    assertThat(sql.jdbc()).isEqualTo(text);
  }

  @Test
  void findsNamesNextToWhatIsNotOne() {
    SqlStatement sql =
        parse("SELECT :a::int, fe':x',':y' ':z', a$b:c, $1:d -- '\n, :\u00e9t\u00e9");

    assertThat(sql.names()).containsExactly("a", "c", "d", "\u00e9t\u00e9");
  }

  /** As drizzle-orm (from 1) and kysely-data-api (from 0) name them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SELECT :0, :1 | SELECT ?, ? | 0 1",
        "SELECT :1, :10, :11 | SELECT ?, ?, :11 | 1 10",
        "SELECT x[1:2], x[:1], x[1 : 1] | SELECT x[1:2], x[?], x[1 : 1] | 1",
        "SELECT x[2:1] | SELECT x[2 ?] | 1",
        "SELECT :1::int, a:1a, '12:1', 1::1 | SELECT ? ::int, a ?, '12:1', 1::1 | 1 1a",
        "SELECT :01, :1_ | SELECT :01, :1_ |",
      })
  void aNumberIsAParameterWhereTheRequestHasOneOfThatName(String text, String jdbc, String names) {
    SqlStatement sql = SqlStatement.parse(text, true, Set.of("0", "1", "10", "1a"));

    assertThat(sql.jdbc()).isEqualTo(jdbc);
    assertThat(String.join(" ", sql.names())).isEqualTo(names == null ? "" : names);
  }

  @Test
  void keepsPostgresqlsQuestionMarkOperators() {
    assertThat(parse("SELECT j ? 'k', j ?| a, '?', :p").jdbc())
        .isEqualTo("SELECT j ?? 'k', j ??| a, '?', ?");
  }

  @Test
  void keepsMarksApartFromTheirNeighbours() {
    SqlStatement sql = parse(":doc?:key AND x=:a::int LIMIT:n");

    assertThat(sql.jdbc()).isEqualTo("? ??? AND x=? ::int LIMIT ?");
    assertThat(sql.names()).containsExactly("doc", "key", "a", "n");
  }

  /** Sent is "$1 ?$2 AND k=$3 ::int LIMIT $4", with a key of two UTF-16 units for k. */
  @ParameterizedTest
  @CsvSource({
    "1,1", "2,1", "4,5", "5,6", "6,6", "8,11", "12,15", "14,17", "18,20", "23,25", "29,30", "30,30"
  })
  void findsThePlaceInTheSqlThatWasSent(int sent, int position) {
    assertThat(parse(":doc?:key AND \ud83d\udd11=:a::int LIMIT:n").position(sent))
        .isEqualTo(position);
  }
}
