package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keyturn.datasource.RotatingDataSource;
import io.keyturn.datasource.RotatingSecret;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import io.keyturn.local.support.RunFolder;
import io.keyturn.testing.CrashablePostgres;
import io.keyturn.testing.ReplicaPostgres;
import io.keyturn.testing.TestSql;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * HikariCP over the data source, queried by 16 threads while the packaged rotator rotates, on the
 * server that it rotates on and on a replica of it.
 */
@Tag("slow")
class PooledRotationIT {
  private static final int THREADS = 16;
  private static final int ROTATIONS = Integer.getInteger("keyturn.pooled.rotations", 3);

  /** Long enough for logins by all threads between setSecret and finishSecret. */
  private static final Duration WINDOW = Duration.ofMillis(300);

  private static RunFolder folder;
  private static CrashablePostgres primary;
  private static ReplicaPostgres replica;

  private final AtomicLong queries = new AtomicLong();
  private final AtomicLong logins = new AtomicLong();
  private final AtomicLong slowestMillis = new AtomicLong();

  @BeforeAll
  static void startServers() throws Exception {
    folder = RunFolder.create();
    primary = CrashablePostgres.start(folder.folder("primary"), Map.of("commit_delay", "0"));
    replica = ReplicaPostgres.start(primary, folder.folder("replica"));
  }

  @AfterAll
  static void endServers() {
    if (replica != null) {
      replica.close();
    }
    primary.end();
    folder.close();
  }

  @ParameterizedTest
  @CsvSource({
    "SINGLE, load, primary",
    "SINGLE, idle, primary",
    "SINGLE, load, replica",
    "SINGLE, idle, replica",
    "ALTERNATING, load, primary",
    "ALTERNATING, idle, primary",
    "ALTERNATING, load, replica",
    "ALTERNATING, idle, replica"
  })
  void failsNoQuery(Strategy strategy, String activity, String server) throws Exception {
    boolean load = activity.equals("load");
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    AtomicBoolean end = new AtomicBoolean();
    try (LocalStack stack =
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .postgres(primary)
            .strategy(strategy)
            .start()) {
      HeldRotations rotations = new HeldRotations(stack);
      // The first one creates what the next ones change.
      rotations.rotate(Duration.ZERO);
      RotatingDataSource.Builder builder =
          RotatingDataSource.builder(RotatingSecret.of(stack.secretArn(), stack.client()))
              .plaintextAllowed(true)
              .keepNone();
      if (server.equals("replica")) {
        builder.server(replica.host(), replica.port());
      }
      HikariConfig config = new HikariConfig();
      try (RotatingDataSource dataSource = builder.build()) {
        config.setDataSource(dataSource);
        config.setMaximumPoolSize(THREADS);
        try (HikariDataSource pool = new HikariDataSource(config)) {
          List<Future<?>> running = new ArrayList<>();
          for (int i = 0; i < THREADS; i++) {
            running.add(threads.submit(() -> query(pool, end, load, server)));
          }
          for (int i = 0; i < ROTATIONS; i++) {
            long before = logins.get();
            rotations.rotate(WINDOW);
            assertThat(logins.get()).as("logins during a rotation").isGreaterThan(before);
          }
          end.set(true);
          for (Future<?> thread : running) {
            thread.get();
          }
        }
      }
    } finally {
      end.set(true);
      threads.shutdownNow();
    }
    System.out.printf(
        "%s, %s, %s: %d rotations, %d queries, 0 failed, %d logins, slowest %d ms%n",
        strategy, activity, server, ROTATIONS, queries.get(), logins.get(), slowestMillis.get());
  }

  /** It wants the password before the rotation, which only AWSPREVIOUS has. */
  @Test
  void logsInToAReplicaThatLagsBehindTheRotation() throws Exception {
    try (LocalStack stack =
            LocalStack.builder(Path.of("../sam/template.yaml"))
                .postgres(primary)
                .strategy(Strategy.SINGLE)
                .start();
        Connection onReplica =
            DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/".formatted(replica.host(), replica.port()),
                primary.superuser(),
                primary.superuserPassword())) {
      HeldRotations rotations = new HeldRotations(stack);
      rotations.rotate(Duration.ZERO);
      String changed;
      try (Connection onPrimary = primary.login(primary.superuser(), primary.superuserPassword())) {
        changed = TestSql.rows(onPrimary, "SELECT pg_current_wal_lsn()").get(0)[0];
      }
      await()
          .until(
              () ->
                  TestSql.rows(onReplica, "SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn", changed)
                      .get(0)[0]
                      .equals("t"));
      TestSql.execute(onReplica, "SELECT pg_wal_replay_pause()");
      try {
        rotations.rotate(Duration.ZERO);

        try (RotatingDataSource dataSource =
                RotatingDataSource.builder(RotatingSecret.of(stack.secretArn(), stack.client()))
                    .plaintextAllowed(true)
                    .server(replica.host(), replica.port())
                    .build();
            Connection connection = dataSource.getConnection()) {
          assertThat(TestSql.rows(connection, "SELECT pg_is_wal_replay_paused()").get(0)[0])
              .isEqualTo("t");
        }
      } finally {
        TestSql.execute(onReplica, "SELECT pg_wal_replay_resume()");
      }
    }
  }

  private Void query(HikariDataSource pool, AtomicBoolean end, boolean load, String server)
      throws Exception {
    while (!end.get()) {
      long began = System.nanoTime();
      try (Connection connection = pool.getConnection()) {
        assertThat(TestSql.rows(connection, "SELECT pg_is_in_recovery()").get(0)[0])
            .isEqualTo(server.equals("replica") ? "t" : "f");
        // As at the end of its life: the pool logs in anew.
        if (queries.incrementAndGet() % (load ? 20 : 2) == 0) {
          pool.evictConnection(connection);
          logins.incrementAndGet();
        }
      }
      long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
      slowestMillis.accumulateAndGet(millis, Math::max);
      if (!load) {
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
    return null;
  }
}
