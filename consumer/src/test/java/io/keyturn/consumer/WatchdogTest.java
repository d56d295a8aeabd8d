package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private static final Duration SOON = Duration.ofMillis(200);
  private static final Duration LATER = Duration.ofMillis(400);
  private static final Duration MUCH_LATER = Duration.ofHours(1);

  private TestDatabase database;
  private Watchdog watchdog;

  @BeforeEach
  void createDatabase() throws SQLException {
    database = TestDatabase.create();
    watchdog = new Watchdog(name -> database.superuser(), warning -> {});
  }

  @AfterEach
  void dropDatabase() throws SQLException {
    database.close();
  }

  @Test
  void looksAgainAfterItFoundNothingDue() throws SQLException {
    try (Connection connection = database.superuser()) {
      watchdog.cancel(connection, SOON).close();
      assertThatItIsCancelled(connection, LATER);

      watchdog.cancel(connection, SOON).close();
      TestSql.execute(connection, "SELECT pg_sleep(0.3)");
      assertThatItIsCancelled(connection, SOON);
    }
  }

  @Test
  void looksEarlierForOneThatIsDueBeforeTheOthers() throws SQLException {
    try (Connection connection = database.superuser();
        Connection other = database.superuser();
        Watchdog.Watch late = watchdog.cancel(other, MUCH_LATER)) {
      assertThatItIsCancelled(connection, SOON);
      assertThat(late.expired()).isFalse();
    }
  }

  private void assertThatItIsCancelled(Connection connection, Duration after) throws SQLException {
    try (Watchdog.Watch watch = watchdog.cancel(connection, after)) {
      assertThat(catchThrowable(() -> TestSql.execute(connection, "SELECT pg_sleep(10)")))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("canceling statement due to user request");
      assertThat(watch.expired()).isTrue();
    }
  }
}
