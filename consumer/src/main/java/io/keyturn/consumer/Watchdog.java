package io.keyturn.consumer;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Consumer;
import org.postgresql.core.BaseConnection;

/**
 * Ends on the server what runs beyond its time. The server's own limit is a setting, which the SQL
 * may change, and a function in PL/pgSQL can catch a cancel: what goes on after one is terminated.
 */
final class Watchdog {
  private static final Duration AFTER_CANCEL = Duration.ofMillis(500);

  private final Logins logins;
  private final Consumer<String> warn;
  private final LazyTimer timer = new LazyTimer("statement-timeout");

  /** Where a second connection comes from, to terminate the session of the first. */
  @FunctionalInterface
  interface Logins {
    Connection open(String database) throws SQLException;
  }

  Watchdog(Logins logins, Consumer<String> warn) {
    this.logins = logins;
    this.warn = warn;
  }

  /** Cancels what runs after this time, and terminates its session if it still does then. */
  Watch cancel(Connection connection, Duration after) throws SQLException {
    Watch watch = new Watch(connection);
    watch.schedule(after, watch::cancel);
    return watch;
  }

  /** Terminates the session after this time: a commit that is cancelled may have succeeded. */
  Watch terminate(Connection connection, Duration after) throws SQLException {
    Watch watch = new Watch(connection);
    watch.schedule(after, watch::terminate);
    return watch;
  }

  /** Over a connection, until it is closed. */
  final class Watch implements AutoCloseable {
    private final BaseConnection connection;
    private final int backend;
    private LazyTimer.Task next;
    private boolean expired;
    private boolean closed;

    private Watch(Connection connection) throws SQLException {
      this.connection = connection.unwrap(BaseConnection.class);
      backend = this.connection.getBackendPID();
    }

    private synchronized void schedule(Duration after, Runnable task) {
      if (!closed) {
        next = timer.schedule(after, task);
      }
    }

    /**
     * Whether the time was up before the watch was closed. The connection must not be used again
     * then: a cancel may still be on its way.
     */
    synchronized boolean expired() {
      return expired;
    }

    private synchronized boolean expire() {
      expired |= !closed;
      return !closed;
    }

    private void cancel() {
      if (expire()) {
        try {
          connection.cancelQuery();
        } catch (SQLException e) {
          warn.accept(
              "A statement that took too long could not be cancelled: %s"
                  .formatted(e.getMessage()));
        }
        schedule(AFTER_CANCEL, this::terminate);
      }
    }

    private void terminate() {
      if (expire()) {
        // As the user that logged in: one whose role is set to another may not end its own session.
        try (Connection other = logins.open(connection.getQueryExecutor().getDatabase());
            Statement statement = other.createStatement()) {
          statement.execute(
              "SET ROLE NONE; SELECT pg_catalog.pg_terminate_backend(%d)".formatted(backend));
          other.rollback();
        } catch (SQLException e) {
          warn.accept(
              "A session that took too long could not be terminated (pid %d): %s"
                  .formatted(backend, e.getMessage()));
        }
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      next.cancel();
    }
  }
}
