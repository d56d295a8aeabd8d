package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A prepared transaction outlives its session, with its locks. No request makes one, or ends one of
 * another session.
 */
@Tag("every-postgres")
class TwoPhaseTest {
  private static final List<String> COMMANDS =
      List.of(
          "PREPARE TRANSACTION 'mine'",
          "prepare /* it */ transaction 'mine'",
          "COMMIT PREPARED 'others'",
          "ROLLBACK PREPARED 'others'");

  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void preparesAndEndsNoTransaction(String writes) throws Exception {
    try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", writes));
        Connection other = database.database.login(database.role)) {
      TestSql.execute(other, "BEGIN; SELECT 1; PREPARE TRANSACTION 'others'");
      long backend = database.backend();
      for (String sql : COMMANDS) {
        assertThat(catchThrowable(() -> database.query(sql)))
            .as(sql)
            .isInstanceOf(BadRequestException.class);
      }
      for (String sql : COMMANDS) {
        String block = "DO $$ BEGIN EXECUTE $x$ %s $x$; END $$".formatted(sql);
        assertThat(catchThrowable(() -> database.query(block)))
            .as(block)
            .isInstanceOf(QueryException.class);
      }

      assertThat(
              TestSql.rows(
                  other, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"))
          .extracting(row -> row[0])
          .containsExactly("others");
      assertThat(database.backend()).isEqualTo(backend);
      TestSql.execute(other, "ROLLBACK PREPARED 'others'");
    }
  }
}
