package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestSql;
import io.keyturn.testing.wire.Wire;
import io.keyturn.testing.wire.Wire.Verdict;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The connection is lost at a chosen message: what certainly did nothing is sent again, and what
 * may have taken effect is not.
 */
class LostConnectionTest {
  private static final String INSERT = "INSERT INTO t VALUES (1)";

  private TestDatabase database;
  private Wire wire;
  private volatile Predicate<String> lost = request -> false;
  private volatile Verdict how = Verdict.PASS;
  private final AtomicInteger left = new AtomicInteger();
  private final List<String> requests = new CopyOnWriteArrayList<>();

  @BeforeEach
  void createDatabase() throws SQLException {
    database = TestDatabase.create();
    wire =
        database
            .postgres()
            .wire(
                request -> {
                  requests.add(request);
                  return lost.test(request) && left.getAndDecrement() > 0 ? how : Verdict.PASS;
                });
  }

  @AfterEach
  void close() throws SQLException {
    wire.close();
    database.close();
  }

  private QueriedDatabase function(boolean writes) throws SQLException {
    QueriedDatabase function =
        new QueriedDatabase(
            database, Map.of("ALLOW_WRITES", String.valueOf(writes)), "127.0.0.1", wire.port());
    database.run("CREATE TABLE t (id int); GRANT ALL ON t TO " + function.role.quoted());
    return function;
  }

  private void lose(Verdict verdict, int times, Predicate<String> which) {
    how = verdict;
    left.set(times);
    lost = which;
  }

  private long rows() throws SQLException {
    try (Connection connection = database.superuser()) {
      return TestSql.rows(connection, "SELECT 1 FROM t").size();
    }
  }

  private long sent(String sql) {
    return requests.stream().filter(request -> request.contains(sql)).count();
  }

  @ParameterizedTest
  @EnumSource(
      value = Verdict.class,
      names = {"LOSE_REQUEST", "LOSE_ANSWER"})
  void sendsAWriteOnANewConnectionIfTheOldOneIsDeadBeforeIt(Verdict verdict) throws Exception {
    try (QueriedDatabase function = function(true)) {
      function.backend();
      lose(verdict, 1, request -> request.contains("SET LOCAL statement_timeout"));

      assertThat(function.query(INSERT).get("numberOfRecordsUpdated").asInt()).isEqualTo(1);

      assertThat(rows()).isEqualTo(1);
      assertThat(sent(INSERT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Verdict.class,
      names = {"LOSE_REQUEST", "LOSE_ANSWER"})
  void sendsNoWriteTwice(Verdict verdict) throws Exception {
    try (QueriedDatabase function = function(true)) {
      lose(verdict, 1, request -> request.contains(INSERT));

      assertThat(catchThrowable(() -> function.query(INSERT)))
          .isInstanceOf(DatabaseErrorException.class)
          .hasMessageContainingAll("nothing was committed", "not sent again", "08");

      assertThat(rows()).isZero();
      assertThat(sent(INSERT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Verdict.class,
      names = {"LOSE_REQUEST", "LOSE_ANSWER"})
  void reportsThatAWriteMayHaveTakenEffectIfItsCommitIsLost(Verdict verdict) throws Exception {
    try (QueriedDatabase function = function(true)) {
      lose(verdict, 1, request -> request.contains("COMMIT"));

      assertThat(catchThrowable(() -> function.query(INSERT)))
          .isInstanceOf(DatabaseErrorException.class)
          .hasMessageContaining("may have taken effect");

      assertThat(rows()).isEqualTo(verdict == Verdict.LOSE_ANSWER ? 1 : 0);
      assertThat(sent(INSERT)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Verdict.class,
      names = {"LOSE_REQUEST", "LOSE_ANSWER"})
  void answersAReadWhateverMessageIsLost(Verdict verdict) throws Exception {
    try (QueriedDatabase function = function(false)) {
      // A new connection has all of them.
      for (String message : List.of("SET LOCAL", "SELECT 41", "ROLLBACK", "BEGIN")) {
        lose(verdict, 1, request -> request.contains(message));

        assertThat(function.value("SELECT 41 + 1").get("longValue").asInt())
            .as("%s of %s", verdict, message)
            .isEqualTo(42);
        assertThat(left.get()).isLessThanOrEqualTo(0);
      }
      assertThat(function.context.log())
          .anyMatch(line -> line.contains("Sending the request again"));
    }
  }

  @Test
  void readsWithoutAWordMoreOnceItHasAConnection() throws Exception {
    try (QueriedDatabase function = function(false)) {
      function.backend();
      requests.clear();

      assertThat(function.value("SELECT 41 + 1").get("longValue").asInt()).isEqualTo(42);

      // The driver does not wait for the answer to the first before it sends the second.
      assertThat(requests).hasSize(3).startsWith("BEGIN READ ONLY", "SELECT 41 + 1");
      assertThat(requests.get(2)).startsWith("ROLLBACK; ");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Verdict.class,
      names = {"LOSE_REQUEST", "LOSE_ANSWER"})
  void answersAReadOnAConnectionThatHasDied(Verdict verdict) throws Exception {
    try (QueriedDatabase function = function(false)) {
      long backend = function.backend();
      lose(verdict, 1, request -> request.contains("SELECT pg_backend_pid"));

      assertThat(function.backend()).isNotEqualTo(backend);
    }
  }

  @Test
  void givesUpAReadThatIsLostTwice() throws Exception {
    try (QueriedDatabase function = function(false)) {
      lose(Verdict.LOSE_ANSWER, 2, request -> request.contains("SELECT 41"));

      assertThat(catchThrowable(() -> function.value("SELECT 41 + 1")))
          .isInstanceOf(DatabaseErrorException.class)
          .hasMessageContaining("happened twice");

      assertThat(function.value("SELECT 41 + 1").get("longValue").asInt()).isEqualTo(42);
    }
  }

  @Test
  void logsInAgainWhereALoginIsLostOnceTheServerHasBeenReached() throws Exception {
    try (QueriedDatabase function = function(false)) {
      long backend = function.backend();
      database.run("SELECT pg_terminate_backend(" + backend + ")");
      lose(Verdict.LOSE_ANSWER, 2, request -> request.equals("log in"));

      assertThat(function.backend()).isNotEqualTo(backend);
    }
  }
}
