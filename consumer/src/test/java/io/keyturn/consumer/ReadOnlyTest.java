package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** What a function without ALLOW_WRITES lets nobody do, even a superuser. */
@Tag("every-postgres")
class ReadOnlyTest {
  private static QueriedDatabase database;

  @BeforeAll
  static void createDatabase() throws Exception {
    database = new QueriedDatabase();
    database.database.run(
        """
        CREATE TABLE t (id int);
        CREATE SEQUENCE s;
        CREATE FUNCTION lock_t() RETURNS void LANGUAGE plpgsql AS
          'BEGIN LOCK TABLE t IN ACCESS EXCLUSIVE MODE; END';
        CREATE FUNCTION write_t() RETURNS void LANGUAGE plpgsql AS
          'BEGIN SET TRANSACTION READ WRITE; INSERT INTO t VALUES (1); END';
        CREATE PROCEDURE commit_t() LANGUAGE plpgsql AS
          'BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO t VALUES (1); END';
        ALTER ROLE %s SUPERUSER;
        """
            .formatted(database.role.quoted()));
  }

  @AfterAll
  static void dropDatabase() throws Exception {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ANALYZE t",
        "CALL commit_t()",
        "CHECKPOINT",
        "CLUSTER t",
        "COPY t TO '/tmp/t'",
        "COPY (SELECT 1) TO PROGRAM 'cat >/tmp/t'",
        "DO $$ BEGIN LOCK TABLE t; END $$",
        "/* SELECT */ do $$ begin end $$",
        "EXECUTE p",
        "LISTEN news",
        "LOAD 'plpgsql'",
        "LOCK TABLE t IN ACCESS EXCLUSIVE MODE",
        "NOTIFY news",
        "PREPARE p AS SELECT 1",
        "REINDEX TABLE t",
        "VACUUM t"
      })
  void refusesWhatDoesMoreThanRead(String sql) {
    assertThat(catchThrowable(() -> database.query(sql)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContainingAll("this function only reads", "ALLOW_WRITES");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "INSERT INTO t VALUES (1)",
        "WITH new AS (INSERT INTO t VALUES (1) RETURNING id) SELECT * FROM new",
        "SELECT nextval('s')",
        "SELECT id FROM t FOR UPDATE",
        "SELECT 1 AS a INTO u",
        "CREATE TEMPORARY TABLE u (id int)",
        "EXPLAIN ANALYZE INSERT INTO t VALUES (1)",
        "ALTER SYSTEM SET work_mem = '1MB'",
        "GRANT SELECT ON t TO PUBLIC",
        "SELECT write_t()",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT id, set_config('transaction_read_only', 'off', true) FROM t UNION ALL SELECT 1, set_config('transaction_read_only', 'off', true)"
      })
  void leavesItToTheServerToRefuseAWrite(String sql) {
    assertThat(catchThrowable(() -> database.query(sql)))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContaining("SQLState: 25");
  }

  /** A transaction that may write is over before the next statement. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SET TRANSACTION READ WRITE",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SET default_transaction_read_only = off",
        "RESET ALL"
      })
  void isNoWriterAfterASetting(String sql) throws Exception {
    database.query(sql);

    leavesItToTheServerToRefuseAWrite("INSERT INTO t VALUES (1)");
    String batch = "{\"sql\":\"%s\",\"parameterSets\":[[],[]]}".formatted(sql);
    database.answer(batch);
    leavesItToTheServerToRefuseAWrite("INSERT INTO t VALUES (1)");
  }

  /** Before PostgreSQL 16 a read-only transaction may make one. */
  @Test
  void keepsNoLargeObject() throws Exception {
    Throwable refusal = catchThrowable(() -> database.query("SELECT lo_from_bytea(0, 'abc')"));

    assertThat(refusal == null).isEqualTo(database.database.postgres().majorVersion() < 16);
    try (Connection superuser = database.database.superuser()) {
      assertThat(TestSql.rows(superuser, "SELECT 1 FROM pg_largeobject_metadata")).isEmpty();
    }
  }

  @Test
  void notifiesNobody() throws Exception {
    try (Connection superuser = database.database.superuser();
        Statement statement = superuser.createStatement()) {
      statement.execute("LISTEN news");
      database.query("SELECT pg_notify('news', 'of mine')");
      statement.execute("NOTIFY news, 'of another'");

      assertThat(superuser.unwrap(PGConnection.class).getNotifications())
          .extracting(n -> n.getParameter())
          .containsExactly("of another");
    }
  }

  @Test
  void holdsNoLockLongerThanItsRequest() throws Exception {
    database.query("SELECT lock_t()");

    try (Connection superuser = database.database.superuser()) {
      assertThat(TestSql.rows(superuser, "SELECT 1 FROM pg_locks WHERE relation = 't'::regclass"))
          .isEmpty();
    }
  }
}
