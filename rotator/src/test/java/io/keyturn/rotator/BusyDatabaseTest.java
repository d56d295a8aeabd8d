package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A rotation beside sessions that work: none of them fails, and none waits for long. */
@Tag("every-postgres")
class BusyDatabaseTest {
  @Test
  void theApplicationWorksWhileItsTablesAreHandedOver() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret();
        Load load = new Load()) {
      secret.leaveAsAwsTemplateDoes();
      secret.asCurrent(
          "CREATE TABLE shop.busy (a int); CREATE TABLE shop.free (a int); CREATE TABLE shop.guarded (a int);"
              + " INSERT INTO shop.guarded VALUES (1); ALTER TABLE shop.guarded ENABLE ROW LEVEL SECURITY");
      Connection open = secret.current();
      open.setAutoCommit(false);
      TestSql.execute(open, "SELECT * FROM shop.busy; INSERT INTO shop.busy VALUES (1)");
      for (String sql :
          List.of(
              "SELECT count(*) FROM shop.busy",
              "INSERT INTO shop.busy VALUES (2)",
              "SELECT count(*) FROM shop.free",
              "UPDATE shop.free SET a = a + 1",
              "SELECT 1 / count(*) FROM shop.guarded")) {
        load.run(secret.current(), sql);
      }

      secret.begin();
      for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
        secret.step(step);
        secret.asCurrent(
            "SELECT * FROM shop.busy; INSERT INTO shop.busy VALUES (3); ALTER TABLE shop.free ADD COLUMN %s int; SELECT 1 / count(*) FROM shop.guarded"
                .formatted(step));
      }
      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      assertThat(load.end()).isEmpty();
      System.out.printf("The longest wait beside a rotation: %d ms%n", load.longestMillis());
      assertThat(rotatorsBackends(secret)).isEmpty();
      assertThat(secret.context.log())
          .anyMatch(line -> line.contains("ALTER TABLE shop.busy OWNER TO"))
          .as("lock_timeout ends each wait, long before statement_timeout would")
          .anyMatch(line -> line.contains("a batch of") && line.contains("55P03"))
          .anyMatch(line -> line.contains("refused") && line.contains("55P03"))
          .noneMatch(line -> line.contains("57014"));

      open.commit();
      open.close();
      secret.rotate();
      secret.asCurrent("ALTER TABLE shop.busy ADD COLUMN b int");
    }
  }

  @Test
  void rowsThatOnlyTheOwnerSeesAreNotLostToABusyTable() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.asCurrent(
          "CREATE TABLE shop.guarded (a int); INSERT INTO shop.guarded VALUES (1); ALTER TABLE shop.guarded ENABLE ROW LEVEL SECURITY");
      try (Connection open = secret.current()) {
        open.setAutoCommit(false);
        TestSql.execute(open, "SELECT * FROM shop.guarded");
        secret.begin().step("createSecret");
        assertThat(catchThrowable(() -> secret.step("setSecret")))
            .hasMessageContainingAll(
                "AWSCURRENT stays",
                "all rows of table shop.guarded",
                "ALTER TABLE shop.guarded OWNER TO");
        assertThat(secret.currentSees("SELECT count(*) FROM shop.guarded")).isEqualTo("1");
      }
      secret.step("setSecret", "testSecret", "finishSecret");
      assertThat(secret.currentSees("SELECT count(*) FROM shop.guarded")).isEqualTo("1");
    }
  }

  @Test
  void aPreparedTransactionIsNoMoreInTheWayThanAnOpenOne() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      TestRole other = secret.database.createRole("other");
      secret.asCurrent(
          "CREATE TABLE shop.busy (a int); GRANT INSERT ON shop.busy TO " + other.quoted());
      secret.asAdmin("GRANT USAGE ON SCHEMA shop TO " + other.quoted());
      String transaction = TestDatabase.unique("prepared");
      prepare(secret.database.login(other), "INSERT INTO shop.busy VALUES (1)", transaction);

      secret.rotate();

      assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.app.name());
      secret.asCurrent("SELECT * FROM shop.busy; INSERT INTO shop.busy VALUES (2)");
      assertThat(secret.context.log())
          .anyMatch(line -> line.contains("ALTER TABLE shop.busy OWNER TO"));
      assertThat(rotatorsBackends(secret)).isEmpty();
      try (Connection session = secret.database.login(other)) {
        TestSql.execute(session, "COMMIT PREPARED '%s'".formatted(transaction));
      }
      secret.rotate();
      secret.asCurrent("ALTER TABLE shop.busy ADD COLUMN b int");
      assertThat(secret.currentSees("SELECT count(*) FROM shop.busy")).isEqualTo("2");
    }
  }

  /** Only the role that has prepared a transaction may finish it. */
  @Test
  void theTwinFinishesItsPreparedTransactionsBeforeItRunsAsTheBase() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.asCurrent("CREATE TABLE shop.busy (a int)");
      String first = TestDatabase.unique("prepared");
      prepare(secret.current(), "INSERT INTO shop.busy VALUES (1)", first);
      secret.begin().step("createSecret");

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll(
              "AWSCURRENT stays", "run as \"" + secret.twin, "COMMIT PREPARED '" + first + "'");
      assertThat(secret.check().blocks())
          .anyMatch(reason -> reason.contains("may finish the transactions"));

      secret.asCurrent("COMMIT PREPARED '%s'".formatted(first));
      secret.step("setSecret", "testSecret", "finishSecret");
      for (int rotation = 0; rotation < 2; rotation++) {
        String next = TestDatabase.unique("prepared");
        prepare(secret.current(), "INSERT INTO shop.busy VALUES (2)", next);
        secret.rotate();
        secret.asCurrent("COMMIT PREPARED '%s'".formatted(next));
      }
      assertThat(secret.currentSees("SELECT count(*) FROM shop.busy")).isEqualTo("3");
    }
  }

  private static void prepare(Connection connection, String sql, String transaction)
      throws SQLException {
    try (connection) {
      TestSql.execute(connection, "BEGIN; %s".formatted(sql));
      TestSql.execute(connection, "PREPARE TRANSACTION '%s'".formatted(transaction));
    }
  }

  @Test
  void nothingRunsOnTheServerAfterTheFunctionHasGivenUp() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.rotate().rotate();
      try (Connection other = secret.database.superuser()) {
        other.setAutoCommit(false);
        TestSql.execute(other, "ALTER ROLE " + secret.quotedTwin() + " CONNECTION LIMIT 7");
        secret.begin().step("createSecret");

        assertThat(catchThrowable(() -> secret.step("setSecret")))
            .hasMessageContainingAll("55P03", "pg_blocking_pids");

        assertThat(rotatorsBackends(secret)).isEmpty();
      }
      secret.step("setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  /** What the rotator's sessions do; one that has just been closed may be there for a moment. */
  private static List<String> rotatorsBackends(AlternatingSecret secret) throws SQLException {
    List<String> backends = new ArrayList<>();
    try (Connection superuser = TestPostgres.shared().superuser()) {
      await()
          .atMost(Duration.ofSeconds(5))
          .until(
              () -> {
                backends.clear();
                TestSql.rows(
                        superuser,
                        "SELECT state || ' ' || query FROM pg_stat_activity WHERE application_name = 'keyturn-rotator' AND usename IN (?, ?, ?)",
                        secret.admin.name(),
                        secret.app.name(),
                        secret.twin)
                    .forEach(row -> backends.add(row[0]));
                return backends.isEmpty();
              });
    }
    return backends;
  }

  /** Sessions that run a statement again and again. */
  private static final class Load implements AutoCloseable {
    /** So that the load leaves a small machine to the rotation. */
    private static final int PAUSE_MILLIS = 2;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicLong longest = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

    void run(Connection connection, String sql) throws InterruptedException {
      CountDownLatch running = new CountDownLatch(1);
      threads.execute(
          () -> {
            try (connection) {
              do {
                long start = System.nanoTime();
                TestSql.execute(connection, sql);
                longest.accumulateAndGet(System.nanoTime() - start, Math::max);
                running.countDown();
              } while (!ended.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
            } catch (SQLException | InterruptedException e) {
              failures.add(sql + ": " + e.getMessage());
              running.countDown();
            }
          });
      running.await();
    }

    List<String> end() throws InterruptedException {
      close();
      return List.copyOf(failures);
    }

    long longestMillis() {
      return longest.get() / 1_000_000;
    }

    @Override
    public void close() throws InterruptedException {
      ended.countDown();
      threads.shutdown();
      assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
    }
  }
}
