package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.local.support.RunFolder;
import io.keyturn.testing.CrashablePostgres;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The server crashes, and comes back on the same port, as it was or as a replica. */
class FailoverTest {
  private static RunFolder folder;
  private static CrashablePostgres server;

  @BeforeAll
  static void startServer() {
    folder = RunFolder.create();
    server = CrashablePostgres.start(folder.folder("postgres"));
  }

  @AfterAll
  static void endServer() {
    server.end();
    folder.close();
  }

  private static QueriedDatabase function(Map<String, String> environment) throws Exception {
    return new QueriedDatabase(TestDatabase.create(server.postgres(), "failover"), environment);
  }

  @Test
  void answersOnANewConnectionOnceTheServerIsBack() throws Exception {
    try (QueriedDatabase function = function(Map.of("ALLOW_WRITES", "true"))) {
      long before = function.backend();
      server.kill();
      server.startAgain();

      assertThat(function.backend()).isNotEqualTo(before);
    }
  }

  @Test
  void waitsForAServerThatIsGoneForAMoment() throws Exception {
    try (QueriedDatabase function = function(Map.of())) {
      function.backend();
      server.kill();
      CompletableFuture<Void> back = CompletableFuture.runAsync(server::startAgain);

      assertThat(function.backend()).isPositive();

      back.join();
      assertThat(function.context.log()).anyMatch(line -> line.contains("Waiting for the server"));
    }
  }

  @Test
  void replacesAConnectionThatLeadsToAReplica() throws Exception {
    try (QueriedDatabase function = function(Map.of("ALLOW_WRITES", "true"))) {
      function.database.run("CREATE TABLE t (id int); GRANT ALL ON t TO " + function.role.quoted());
      String insert = "INSERT INTO t VALUES (1)";
      server.kill();
      server.startAgainAsReplica();
      // Long enough for one connection more.
      TestContext enough = function.context;
      function.context = new TestContext(Duration.ofSeconds(3));
      assertThat(catchThrowable(() -> function.query(insert)))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContaining("The server is read-only");
      server.kill();
      server.startAgain();

      function.context = enough;
      assertThat(function.query(insert).get("numberOfRecordsUpdated").asInt()).isEqualTo(1);
    }
  }

  /** As a name does until DNS has been changed. */
  @Test
  void waitsWhileEveryConnectionLeadsToAReplica() throws Exception {
    try (QueriedDatabase function = function(Map.of("ALLOW_WRITES", "true"))) {
      function.database.run("CREATE TABLE t (id int); GRANT ALL ON t TO " + function.role.quoted());
      server.kill();
      server.startAgainAsReplica();
      CompletableFuture<Void> promotion =
          CompletableFuture.runAsync(
              () -> {
                await().until(() -> replaced(function) >= 2);
                server.kill();
                server.startAgain();
              });

      assertThat(function.query("INSERT INTO t VALUES (1)").get("numberOfRecordsUpdated").asInt())
          .isEqualTo(1);

      promotion.join();
      // Not one login after another: each pause is longer than the one before.
      assertThat(replaced(function)).isLessThan(10);
    }
  }

  private static long replaced(QueriedDatabase function) {
    return function.context.log().stream()
        .filter(line -> line.contains("Replacing the connection"))
        .count();
  }

  @Test
  void readsFromAReplica() throws Exception {
    try (QueriedDatabase function = function(Map.of())) {
      server.kill();
      server.startAgainAsReplica();
      assertThat(function.value("SELECT pg_is_in_recovery()").get("booleanValue").asBoolean())
          .isTrue();
      server.kill();
      server.startAgain();
    }
  }
}
