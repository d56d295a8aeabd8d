package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one request does to its session is not the next one's: each kind of state that PostgreSQL
 * keeps with a session, by the list of what DISCARD ALL resets, and what it does not.
 */
@Tag("every-postgres")
class SessionStateTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "SET search_path = pg_catalog | SELECT current_setting('search_path')",
        "SELECT set_config('work_mem', '1MB', false) | SELECT current_setting('work_mem')",
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE | SELECT current_setting('transaction_isolation')",
        "SET default_transaction_read_only = off | SELECT current_setting('transaction_read_only')",
        "SET statement_timeout = 0 | SELECT current_setting('statement_timeout')::interval > '0'",
        "SET DateStyle = 'ISO, DMY' | SELECT current_setting('DateStyle')",
        "SET keyturn.mine = 'x' | SELECT coalesce(current_setting('keyturn.mine', true), '')",
        "SELECT pg_advisory_lock(7) | SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1 | SELECT count(*) FROM pg_cursors WHERE name = 'c'",
        "SET ROLE pg_read_all_stats | SELECT current_user::text",
        "SET SESSION AUTHORIZATION pg_monitor | SELECT session_user::text",
      })
  void isAsItWasBefore(String change, String look) throws Exception {
    for (String writes : List.of("false", "true")) {
      try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", writes))) {
        if (change.startsWith("SET ROLE") || change.startsWith("SET SESSION AUTH")) {
          database.database.run("ALTER ROLE %s SUPERUSER".formatted(database.role.quoted()));
        }
        isAsItWasBefore(database, change, look);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "LISTEN news | SELECT count(*) FROM pg_listening_channels()",
        "PREPARE p AS SELECT 1 | SELECT count(*) FROM pg_prepared_statements WHERE name = 'p'",
        "CREATE TEMPORARY TABLE mine (id int) | SELECT to_regclass('mine') IS NULL",
        "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1' | SELECT count(*) FROM pg_proc WHERE pronamespace = pg_my_temp_schema()",
      })
  void isAsItWasBeforeAfterAChangeThatOnlyAWriterMakes(String change, String look)
      throws Exception {
    try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", "true"))) {
      isAsItWasBefore(database, change, look);
    }
  }

  private static void isAsItWasBefore(QueriedDatabase database, String change, String look)
      throws Exception {
    long backend = database.backend();
    String before = database.value(look).toString();
    database.query(change);

    assertThat(database.value(look)).hasToString(before);
    assertThat(database.backend()).isEqualTo(backend);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SELECT lastval()", "SELECT currval('s')"})
  void knowsNoValueOfASequenceThatAnotherHasDrawn(String look) throws Exception {
    try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", "true"))) {
      database.database.run("CREATE SEQUENCE s; GRANT ALL ON s TO " + database.role.quoted());
      database.query("SELECT nextval('s')");

      // object_not_in_prerequisite_state: nothing was drawn in this session.
      assertThat(catchThrowable(() -> database.query(look))).hasMessageContaining("55000");
    }
  }

  /** A caller who can choose what random() gives the next one can guess its tokens. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void hasRandomNumbersThatNobodyHasChosen(String writes) throws Exception {
    try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", writes))) {
      Set<String> drawn = new HashSet<>();
      for (int request = 0; request < 3; request++) {
        database.query("SELECT setseed(0.5)");
        drawn.add(database.value("SELECT random()").toString());
      }

      assertThat(drawn).hasSize(3);
    }
  }

  /** As one of two alternating users does. */
  @Test
  void goesOnAsTheRoleThatItsUserIsSetTo() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      TestRole base = database.database.createRole("base", "NOLOGIN");
      database.database.run(
          "GRANT %1$s TO %2$s; ALTER ROLE %2$s SET role = %1$s"
              .formatted(base.quoted(), database.role.quoted()));
      long backend = database.backend();
      database.query("SET ROLE NONE");

      assertThat(database.value("SELECT current_user::text").get("stringValue").asText())
          .isEqualTo(base.name());
      assertThat(database.backend()).isEqualTo(backend);
    }
  }

  /** What a client sends as a timestamp without a zone is UTC, and what it gets is read so. */
  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void isInUtcWhateverTheFunctionsTimeZone(String writes) throws Exception {
    TimeZone own = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
    try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", writes))) {
      database.database.run(
          "ALTER ROLE %s SET TimeZone = 'Asia/Tokyo'".formatted(database.role.quoted()));
      for (int request = 0; request < 2; request++) {
        assertThat(
                database
                    .value("SELECT '2024-03-01 02:03:04'::timestamp::timestamptz")
                    .get("stringValue")
                    .asText())
            .isEqualTo("2024-03-01 02:03:04+00");
        database.query("SET TimeZone = 'Europe/Paris'");
      }
    } finally {
      TimeZone.setDefault(own);
    }
  }

  @Test
  void goesOnAfterAnErrorOnTheSameConnection() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      long backend = database.backend();
      assertThat(catchThrowable(() -> database.query("SELECT 1/0"))).hasMessageContaining("22012");

      assertThat(database.backend()).isEqualTo(backend);
    }
  }

  @Test
  void holdsNoTransactionOpenBetweenRequests() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase();
        Connection superuser = database.database.superuser()) {
      database.query("SELECT 1");
      assertThat(
              TestSql.rows(
                      superuser,
                      "SELECT state FROM pg_stat_activity WHERE datname = ? AND application_name = ?",
                      database.database.name(),
                      "keyturn-consumer")
                  .get(0)[0])
          .isEqualTo("idle");
    }
  }

  @Test
  void endsAStatementBeforeLambdaWouldEndTheFunction() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      database.context = new TestContext(Duration.ofMillis(3500));

      assertThat(catchThrowable(() -> database.query("SELECT pg_sleep(60)")))
          .isInstanceOf(StatementTimeoutException.class)
          .hasMessageContaining("57014");
    }
  }

  /** Also the requests after the first one, whose limits the end of the one before has set. */
  @Test
  void endsEveryStatementThatTakesTooLong() throws Exception {
    for (String writes : List.of("false", "true")) {
      try (QueriedDatabase database =
          new QueriedDatabase(Map.of("ALLOW_WRITES", writes, "STATEMENT_TIMEOUT_SECONDS", "1"))) {
        long backend = database.backend();
        for (int request = 0; request < 2; request++) {
          assertThat(catchThrowable(() -> database.query("SELECT pg_sleep(60)")))
              .isInstanceOf(StatementTimeoutException.class)
              .hasMessageContaining("57014");
        }
        assertThat(database.backend()).isEqualTo(backend);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"statement_timeout", "idle_in_transaction_session_timeout"})
  void hasItsOwnLimitsWhateverTheOneBeforeHad(String setting) throws Exception {
    String look = "SELECT extract(epoch FROM current_setting('" + setting + "')::interval)::int";
    for (String writes : List.of("false", "true")) {
      try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", writes))) {
        int full = database.value(look).get("longValue").asInt();
        assertThat(full).isBetween(10, 11);
        for (String disturbance : List.of("SET " + setting + " = 0", "RESET ALL", "SELECT 1")) {
          database.query(disturbance);
          assertThat(database.value(look).get("longValue").asInt())
              .as("after %s", disturbance)
              .isEqualTo(full);

          TestContext enough = database.context;
          database.context = new TestContext(Duration.ofSeconds(6));
          assertThat(database.value(look).get("longValue").asInt()).isBetween(1, 6);
          database.context = enough;
        }
      }
    }
  }

  @Test
  void mayExecuteABatchOfNothing() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      for (int request = 0; request < 2; request++) {
        assertThat(
                database
                    .invoke("{\"sql\":\"SELECT :a\",\"parameterSets\":[]}")
                    .get("updateResults"))
            .isEmpty();
      }
    }
  }

  @Test
  void refusesARequestForWhichNoTimeIsLeft() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      long backend = database.backend();
      database.context = new TestContext(Duration.ofMillis(1900));
      assertThat(catchThrowable(database::backend))
          .isInstanceOf(StatementTimeoutException.class)
          .hasMessageContaining("no time is left");

      database.context = new TestContext();
      assertThat(database.backend()).isEqualTo(backend);
    }
  }
}
