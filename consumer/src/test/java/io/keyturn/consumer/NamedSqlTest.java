package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedSqlTest {
  @Test
  void putsAQuestionMarkForEachUseOfAName() {
    NamedSql sql = NamedSql.parse("SELECT :a, :b_1+:a WHERE x=:a;", true);

    assertThat(sql.jdbc()).isEqualTo("SELECT ?, ?+? WHERE x=?;");
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
        "SELECT a$b$c",
        ""
      })
  void leavesEveryOtherColonAlone(String text) {
    NamedSql sql = NamedSql.parse(text, true);

    assertThat(sql.names()).isEqualTo(List.of());
    assertThat(sql.jdbc()).isEqualTo(text);
  }

  @Test
  void findsNamesNextToWhatIsNotOne() {
    NamedSql sql =
        NamedSql.parse(
            "SELECT :a::int, fe':x',':y' ':z', a$b:c, $1:d -- '\n, :\u00e9t\u00e9", true);

    assertThat(sql.names()).containsExactly("a", "c", "d", "\u00e9t\u00e9");
  }

  @Test
  void keepsPostgresqlsQuestionMarkOperators() {
    assertThat(NamedSql.parse("SELECT j ? 'k', j ?| a, '?', :p", true).jdbc())
        .isEqualTo("SELECT j ?? 'k', j ??| a, '?', ?");
  }

  @Test
  void keepsMarksApartFromTheirNeighbours() {
    NamedSql sql = NamedSql.parse(":doc?:key AND x=:a::int LIMIT:n", true);

    assertThat(sql.jdbc()).isEqualTo("? ??? AND x=? ::int LIMIT ?");
    assertThat(sql.names()).containsExactly("doc", "key", "a", "n");
  }

  /** Sent is "$1 ?$2 AND k=$3 ::int LIMIT $4", with a key of two UTF-16 units for k. */
  @ParameterizedTest
  @CsvSource({
    "1,1", "2,1", "4,5", "5,6", "6,6", "8,11", "12,15", "14,17", "18,20", "23,25", "29,30", "30,30"
  })
  void findsThePlaceInTheSqlThatWasSent(int sent, int position) {
    assertThat(NamedSql.parse(":doc?:key AND \ud83d\udd11=:a::int LIMIT:n", true).position(sent))
        .isEqualTo(position);
  }
}
