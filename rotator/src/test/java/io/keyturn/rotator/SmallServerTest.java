package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.CrashablePostgres;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server of its own, which has few connections, and becomes a replica. */
@Tag("slow")
class SmallServerTest {
  @TempDir private static Path folder;
  private static CrashablePostgres server;

  @BeforeAll
  static void start() {
    server = CrashablePostgres.start(folder, Map.of("max_connections", "7"));
  }

  @AfterAll
  static void stop() {
    server.end();
  }

  @Test
  void waitsForAConnectionAndIsToldOfAReplica() throws Exception {
    TestDatabase database = TestDatabase.create(server.postgres(), "small");
    try (RotatedSecret secret = new RotatedSecret(database, "app", Map.of())) {
      secret.begin().step("createSecret");
      List<Connection> all = connections(database, database.createRole("busy"));
      CompletableFuture<Void> set = CompletableFuture.runAsync(() -> secret.step("setSecret"));
      await().until(() -> secret.context.log().stream().anyMatch(l -> l.contains("53300")));
      for (Connection connection : all) {
        connection.close();
      }
      set.join();
      secret.step("testSecret", "finishSecret");
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();

      secret.begin().step("createSecret");
      server.kill();
      server.startAgainAsReplica();
      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("replica", "cluster endpoint", "masterarn", secret.arn);
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      server.kill();
      server.startAgain();
      secret.step("setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
    }
  }

  /** All that the server has left for roles that are no superusers. */
  private static List<Connection> connections(TestDatabase database, TestRole role) {
    List<Connection> all = new ArrayList<>();
    while (true) {
      try {
        all.add(database.login(role));
      } catch (SQLException e) {
        assertThat(e.getSQLState()).isEqualTo("53300");
        return all;
      }
    }
  }
}
