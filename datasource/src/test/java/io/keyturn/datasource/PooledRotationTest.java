package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * HikariCP over the data source, queried by 16 threads through rotations of each strategy, under
 * load and idle.
 */
class PooledRotationTest {
  private static final int THREADS = 16;

  /** 20 with the profile "exhaustive". */
  private static final int ROTATIONS = Integer.getInteger("keyturn.pooled.rotations", 3);

  private final TestSecretsManager service = new TestSecretsManager();
  private final AtomicLong queries = new AtomicLong();
  private final AtomicLong logins = new AtomicLong();
  private final AtomicLong slowestMillis = new AtomicLong();

  private static String json(TestDatabase database, String user, String password) {
    return """
        {"engine":"postgres","host":"%s","port":%d,"dbname":"%s","username":"%s","password":"%s","ssl":false}"""
        .formatted(
            database.postgres().host(),
            database.postgres().port(),
            database.name(),
            user,
            password);
  }

  /** The four steps, with all the time between them that the queries take. */
  private void rotate(TestDatabase database, String arn, TestRole user, int inEachWindow)
      throws SQLException, InterruptedException {
    String password = UUID.randomUUID().toString();
    String token = service.startRotation(arn);
    service.putPending(arn, token, json(database, user.name(), password));
    database.run(
        "ALTER ROLE %s PASSWORD '%s'".formatted(user.quoted(), TestPostgres.verifier(password)));
    // AWSCURRENT is the old value, and with a single user it does not log in.
    awaitLogins(inEachWindow);
    service.makeCurrent(arn, token);
    awaitLogins(inEachWindow);
  }

  private void awaitLogins(int more) throws InterruptedException {
    long enough = logins.get() + more;
    while (logins.get() < enough) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"single, true", "single, false", "alternating, true", "alternating, false"})
  void failsNoQuery(String strategy, boolean load) throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      TestRole app = database.createRole("app");
      TestRole clone = database.createRole("app_clone");
      String arn = service.createSecret(json(database, app.name(), app.password()));
      HikariConfig config = new HikariConfig();
      RotatingDataSource logIns =
          RotatingDataSource.builder(RotatingSecret.of(arn, service.client())).keepNone().build();
      config.setDataSource(logIns);
      config.setMaximumPoolSize(THREADS);
      ExecutorService threads = Executors.newFixedThreadPool(THREADS);
      AtomicBoolean end = new AtomicBoolean();
      try (logIns;
          HikariDataSource pool = new HikariDataSource(config)) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          running.add(threads.submit(() -> query(pool, end, load)));
        }
        for (int rotation = 0; rotation < ROTATIONS; rotation++) {
          TestRole user = strategy.equals("single") || rotation % 2 == 1 ? app : clone;
          rotate(database, arn, user, load ? THREADS : 2);
        }
        end.set(true);
        for (Future<?> thread : running) {
          thread.get();
        }
      } finally {
        end.set(true);
        threads.shutdownNow();
      }
      assertThat(queries.get()).isGreaterThan(logins.get());
      System.out.printf(
          "%s, %s: %d rotations, %d queries, 0 failed, %d logins, slowest %d ms%n",
          strategy,
          load ? "under load" : "idle",
          ROTATIONS,
          queries.get(),
          logins.get(),
          slowestMillis.get());
    } finally {
      service.close();
    }
  }

  private Void query(HikariDataSource pool, AtomicBoolean end, boolean load) throws Exception {
    while (!end.get()) {
      long began = System.nanoTime();
      try (Connection connection = pool.getConnection()) {
        TestSql.execute(connection, "SELECT 1");
        long count = queries.incrementAndGet();
        // As at the end of its life: the pool logs in anew.
        if (count % (load ? 20 : 2) == 0) {
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
