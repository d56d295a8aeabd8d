package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SQL that lifts the server's limit of its own time is ended all the same, and runs once. */
@Tag("every-postgres")
class EvadedTimeoutTest {
  /** Catches each cancel, by the server's limit or by the function's. */
  private static final String DEAF =
      "BEGIN PERFORM nextval('runs'); LOOP BEGIN PERFORM pg_sleep(60);"
          + " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END";

  private QueriedDatabase database;

  @BeforeEach
  void createDatabase() throws SQLException {
    database = new QueriedDatabase(environment("true"));
    database.database.run(
        """
        CREATE SEQUENCE runs;
        CREATE TABLE t (id int);
        GRANT ALL ON runs, t TO PUBLIC;
        CREATE FUNCTION deaf() RETURNS void LANGUAGE plpgsql AS $$ %1$s $$;
        CREATE FUNCTION deaf_reader() RETURNS void LANGUAGE plpgsql AS $$ %2$s $$;
        CREATE FUNCTION deaf_trigger() RETURNS trigger LANGUAGE plpgsql AS $$ %1$s $$;
        CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION deaf_trigger();
        """
            .formatted(DEAF, DEAF.replace("PERFORM nextval('runs');", "")));
  }

  private static Map<String, String> environment(String writes) {
    return Map.of("ALLOW_WRITES", writes, "STATEMENT_TIMEOUT_SECONDS", "1");
  }

  @AfterEach
  void dropDatabase() throws SQLException {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // The server measures each fetch of rows.
        "SELECT nextval('runs'), set_config('statement_timeout', '0', false),"
            + " CASE WHEN i > 100 THEN pg_sleep(3600)::text END FROM generate_series(1, 200) i",
        // Rows that come one by one keep the connection busy.
        "SELECT nextval('runs'), set_config('statement_timeout', '0', false), repeat('x', 9000),"
            + " CASE WHEN i > 100 THEN pg_sleep(0.2)::text END FROM generate_series(1, 9999) i",
        "SELECT nextval('runs'), deaf()",
        "DO $$ %s $$",
      })
  void endsAStatement(String sql) throws Exception {
    assertThat(catchThrowable(() -> database.query(sql.formatted(DEAF))))
        .isInstanceOf(StatementTimeoutException.class)
        .hasMessageContaining("STATEMENT_TIMEOUT_SECONDS");

    nothingRunsOn();
    assertThat(database.value("SELECT 1").get("longValue").asInt()).isEqualTo(1);
  }

  @Test
  void endsABatch() throws Exception {
    String sql = "SELECT set_config('statement_timeout', '0', false), pg_sleep(:s)";
    String set = "[{\"name\":\"s\",\"value\":{\"doubleValue\":%s}}]";
    String request =
        "{\"sql\":\"%s\",\"parameterSets\":[%s,%s]}"
            .formatted(sql, set.formatted("0"), set.formatted("3600"));

    assertThat(catchThrowable(() -> database.invoke(request)))
        .isInstanceOf(StatementTimeoutException.class);

    nothingRunsOn();
  }

  @Test
  void readsOnlyOnce() throws Exception {
    try (QueriedDatabase reader = new QueriedDatabase(database.database, environment("false"))) {
      String mark = database.database.postgres().mark();
      assertThat(catchThrowable(() -> reader.query("SELECT deaf_reader()")))
          .isInstanceOf(StatementTimeoutException.class);

      nothingRunsOn();
      assertThat(database.database.postgres().logSince(mark))
          .containsOnlyOnce("execute <unnamed>/C_1: SELECT deaf_reader()");
    }
  }

  /** For which the server has no limit: deferred triggers and held cursors run now. */
  @ParameterizedTest
  @ValueSource(
      strings = {"INSERT INTO t VALUES (1)", "DECLARE c CURSOR WITH HOLD FOR SELECT pg_sleep(60)"})
  void endsACommit(String sql) throws Exception {
    assertThat(catchThrowable(() -> database.query(sql)))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContaining("may have taken effect");

    nothingRunsOn();
    try (Connection superuser = database.database.superuser()) {
      assertThat(TestSql.rows(superuser, "SELECT 1 FROM t")).isEmpty();
    }
  }

  private void nothingRunsOn() throws SQLException {
    try (Connection superuser = database.database.superuser()) {
      await()
          .untilAsserted(
              () ->
                  assertThat(
                          TestSql.rows(
                              superuser,
                              "SELECT state, query FROM pg_stat_activity WHERE datname = ?"
                                  + " AND application_name = ? AND state <> 'idle'",
                              database.database.name(),
                              "keyturn-consumer"))
                      .isEmpty());
      assertThat(
              TestSql.rows(superuser, "SELECT 1 FROM runs WHERE is_called AND last_value > 9999"))
          .isEmpty();
    }
  }
}
