package io.keyturn.rotator.role;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.rotator.HostileTexts;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Whatever a text holds, the server reads it back from a literal and from a name as it was. */
@Tag("every-postgres")
class SqlPropertiesTest {
  private Connection connection;

  @BeforeProperty
  void connect() throws SQLException {
    connection = TestPostgres.shared().superuser();
  }

  @AfterProperty
  void disconnect() throws SQLException {
    connection.close();
  }

  @Property(tries = 500, seed = "1")
  void aLiteralMeansItsText(@ForAll("texts") String text) throws SQLException {
    for (String conforming : List.of("on", "off")) {
      TestSql.execute(connection, "SET standard_conforming_strings = " + conforming);
      for (String quote : List.of("on", "off", "safe_encoding")) {
        TestSql.execute(connection, "SET backslash_quote = " + quote);

        assertThat(first("SELECT " + Sql.literal(text))).isEqualTo(text);
        assertThat(first("SELECT concat(" + Sql.literal(text) + "," + Sql.literal(text) + ")"))
            .isEqualTo(text + text);
      }
    }
  }

  @Property(tries = 500, seed = "2")
  void aNameMeansItsText(@ForAll("names") String name) throws SQLException {
    for (String conforming : List.of("on", "off")) {
      TestSql.execute(connection, "SET standard_conforming_strings = " + conforming);

      TestSql.execute(connection, "PREPARE " + Sql.name(name) + " AS SELECT 1");

      assertThat(first("SELECT name FROM pg_prepared_statements WHERE statement LIKE 'PREPARE %'"))
          .isEqualTo(name);
      TestSql.execute(connection, "DEALLOCATE " + Sql.name(name));
    }
  }

  private String first(String sql) throws SQLException {
    return TestSql.rows(connection, sql).get(0)[0];
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.randomValue(
        random -> HostileTexts.password(random).replace("\0", HostileTexts.name(random, 63)));
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.randomValue(random -> HostileTexts.name(random, 63));
  }
}
