package io.keyturn.consumer;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.core.BaseConnection;

/**
 * Ends on the server what runs beyond its time. The server's own limit is a setting, which the SQL
 * may change, and a function in PL/pgSQL can catch a cancel: what goes on after one is terminated.
 *
 * <p>Its thread is not woken for each watch, which would take a tenth of a short query's time: it
 * looks when the first of the watches is due that it knew of, and most are closed by then.
 */
final class Watchdog {
  private static final Duration AFTER_CANCEL = Duration.ofMillis(500);

  private final Logins logins;
  private final Consumer<String> warn;
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, this::thread);
  private final Set<Watch> open = new HashSet<>();
  private boolean looks;

  /** When the thread looks, by System.nanoTime, if it does. */
  private long nextLook;

  /** Where a second connection comes from, to terminate the session of the first. */
  @FunctionalInterface
  interface Logins {
    Connection open(String database) throws SQLException;
  }

  Watchdog(Logins logins, Consumer<String> warn) {
    this.logins = logins;
    this.warn = warn;
  }

  private Thread thread(Runnable task) {
    Thread thread = new Thread(task, "statement-timeout");
    thread.setDaemon(true);
    return thread;
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

  private synchronized void add(Watch watch) {
    open.add(watch);
    lookAt(watch.due);
  }

  private void lookAt(long due) {
    if (!looks || due - nextLook < 0) {
      looks = true;
      nextLook = due;
      Future<?> unused = timer.schedule(this::look, due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  private void look() {
    takeDue().forEach(watch -> timer.execute(watch.whenDue));
  }

  private synchronized List<Watch> takeDue() {
    long now = System.nanoTime();
    List<Watch> due = open.stream().filter(watch -> watch.due - now <= 0).toList();
    due.forEach(open::remove);
    // Otherwise this is a look that an earlier one has replaced, and the next one is planned.
    if (nextLook - now <= 0) {
      looks = false;
      open.stream()
          .min(Comparator.comparingLong(watch -> watch.due - now))
          .ifPresent(next -> lookAt(next.due));
    }
    return due;
  }

  private synchronized void remove(Watch watch) {
    open.remove(watch);
  }

  /** Over a connection, until it is closed. */
  final class Watch implements AutoCloseable {
    private final BaseConnection connection;
    private final int backend;
    private long due;
    private Runnable whenDue;
    private boolean expired;
    private boolean closed;

    private Watch(Connection connection) throws SQLException {
      this.connection = connection.unwrap(BaseConnection.class);
      backend = this.connection.getBackendPID();
    }

    private synchronized void schedule(Duration after, Runnable task) {
      if (!closed) {
        due = System.nanoTime() + after.toNanos();
        whenDue = task;
        add(this);
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
      remove(this);
    }
  }
}
