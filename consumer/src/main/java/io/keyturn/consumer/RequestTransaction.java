package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.consumer.QueryException.SecretsErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.datasource.RotatingDataSource;
import io.keyturn.datasource.SecretUnreadableException;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.Pause;
import io.keyturn.postgres.PostgresLogin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs each request in a transaction of its own, which for one that may write has begun, and so has
 * proven that the connection is alive, before its SQL is sent.
 *
 * <p>When the connection is lost, what happens next depends on what may have taken effect. Before
 * the request's SQL was sent: nothing, so it is sent on a new connection. After that and before the
 * commit: nothing in this database, so a read-only request is sent once more, in what is left of
 * its time; one that may write is not, since a statement may act on more than the database. At the
 * commit: nobody knows, and the error says so. Nothing is sent again once its time is up.
 */
final class RequestTransaction {
  /** idle_session_timeout's own; the rest of its kind is for {@link PostgresLogin#isLost}. */
  private static final String IDLE_SESSION_TIMEOUT = "57P05";

  /**
   * feature_not_supported, which is the answer to READ WRITE while the server is in recovery: it
   * was the writer once, or its name led to the writer.
   */
  private static final String READ_ONLY_SERVER = "0A000";

  /** The database does not exist, or the user has no CONNECT privilege on it. */
  private static final Set<String> NO_DATABASE = Set.of("3D000", "42501");

  /**
   * How long dead connections are replaced, and connections to a writer that has become a replica:
   * after a failover the name leads to it until DNS has changed.
   */
  private static final Duration FAILOVER_WAIT = Duration.ofSeconds(10);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  /** On top of the request's limit, so that the server's own word on it arrives first. */
  private static final Duration WATCH_MARGIN = Duration.ofMillis(500);

  /** For the login that terminates a session. */
  private static final Duration TERMINATION = Duration.ofSeconds(5);

  private final Settings settings;
  private final RotatingDataSource dataSource;
  private final Consumer<String> warn;
  private final RequestSession session;
  private final Watchdog watchdog;

  /** What a request does in its transaction. */
  @FunctionalInterface
  interface Work {
    ByteArrayOutputStream run(Connection connection, TimeLimit time)
        throws SQLException, IOException;
  }

  /**
   * A connection whose next statement is in a transaction with nothing in it that a caller asked
   * for.
   *
   * @param time what the request may take in it
   */
  private record Begun(Connection connection, TimeLimit time) {}

  RequestTransaction(Settings settings, RotatingDataSource dataSource, Consumer<String> warn) {
    this.settings = settings;
    this.dataSource = dataSource;
    this.warn = warn;
    session = new RequestSession(settings);
    watchdog =
        new Watchdog(
            database -> dataSource.getConnection(Deadline.in(TERMINATION), database), warn);
  }

  /**
   * Runs the work, commits, and returns the work's result.
   *
   * @param database the one that the request names
   * @throws QueryException if that failed; nothing was changed then, unless it says otherwise
   */
  ByteArrayOutputStream run(Work work, Optional<String> database, Deadline deadline)
      throws IOException {
    SQLException lost = null;
    Deadline end = deadline;
    while (true) {
      Begun begun = begun(database, end);
      ByteArrayOutputStream answer;
      try {
        answer = run(work, begun);
      } catch (SQLException e) {
        // The connection is gone.
        if (settings.writesAllowed() || lost != null) {
          throw lost(e, lost);
        }
        warn.accept(
            "Sending the request again, since the connection was lost: %s"
                .formatted(e.getMessage()));
        lost = e;
        end = begun.time().deadline();
        continue;
      }
      commit(begun.connection());
      return answer;
    }
  }

  /**
   * Runs the work within its time, and leaves its transaction open.
   *
   * @throws SQLException if the connection was lost
   */
  private ByteArrayOutputStream run(Work work, Begun begun) throws SQLException, IOException {
    Connection connection = begun.connection();
    Watchdog.Watch watch = watchdog.cancel(connection, begun.time().limit().plus(WATCH_MARGIN));
    try {
      ByteArrayOutputStream answer;
      try (watch) {
        answer = work.run(connection, begun.time());
      }
      if (!watch.expired()) {
        return answer;
      }
      abandon(connection);
      throw begun.time().isUp(null);
    } catch (SQLException e) {
      if (watch.expired()) {
        abandon(connection);
        throw begun.time().isUp(e);
      }
      if (isLost(e)) {
        abandon(connection);
        throw e;
      }
      rollBack(connection);
      throw SqlFailures.of(e, settings);
    } catch (OutOfMemoryError e) {
      // Wherever it struck the driver may be out of step with the server.
      abandon(connection);
      throw SqlFailures.tooLargeForMemory();
    } catch (RuntimeException | IOException e) {
      if (watch.expired()) {
        abandon(connection);
      } else {
        rollBack(connection);
      }
      throw e;
    }
  }

  private Begun begun(Optional<String> database, Deadline deadline) {
    Deadline replacing = null;
    Duration pause = Duration.ZERO;
    SQLException replaced = null;
    while (true) {
      Connection connection = connection(database, deadline, replaced);
      try {
        TimeLimit time = TimeLimit.of(settings.statementTimeout(), deadline);
        session.begin(connection, time.limit());
        return new Begun(connection, time);
      } catch (StatementTimeoutException e) {
        rollBack(connection);
        throw replaced == null ? e : outOfTime(replaced, e);
      } catch (SQLException e) {
        abandon(connection);
        if (!isLost(e) && !isReadOnlyServer(e)) {
          throw unavailable(e);
        }
        warn.accept("Replacing the connection, since: %s".formatted(e.getMessage()));
        replaced = e;
        if (replacing == null) {
          replacing = Deadline.in(min(FAILOVER_WAIT, deadline.remaining()));
        }
        pause(replacing, pause, e);
        pause = pause.isZero() ? FIRST_PAUSE : min(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    }
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static void pause(Deadline end, Duration pause, SQLException failure) {
    try {
      Pause.of(end, pause, failure);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /** Why the connection before was given up says more than that no time is left for another. */
  private static DatabaseUnavailableException outOfTime(SQLException replaced, Exception noTime) {
    replaced.addSuppressed(noTime);
    return unavailable(replaced);
  }

  private static DatabaseUnavailableException unavailable(SQLException failure) {
    return new DatabaseUnavailableException(
        isReadOnlyServer(failure)
            ? ("The server is read-only: it is a replica, or has become one in a failover; let the"
                    + " secret's host name the writer: %s")
                .formatted(failure.getMessage())
            : "No transaction could be begun (SQLSTATE %s): %s"
                .formatted(failure.getSQLState(), failure.getMessage()),
        failure);
  }

  /**
   * @param replaced why the connection before was given up, if there was one
   */
  private Connection connection(
      Optional<String> database, Deadline deadline, SQLException replaced) {
    try {
      return dataSource.getConnection(deadline, database.orElse(DatabaseSecret.DEFAULT_DATABASE));
    } catch (SQLException e) {
      if (replaced != null && deadline.remaining().toMillis() == 0) {
        throw outOfTime(replaced, e);
      }
      if (database.isPresent() && NO_DATABASE.contains(e.getSQLState())) {
        throw new DatabaseErrorException(
            "The secret's user cannot connect to \"database\": %s; SQLState: %s"
                .formatted(e.getMessage(), e.getSQLState()),
            e);
      }
      if (e.getCause() instanceof SecretUnreadableException
          || e.getCause() instanceof InvalidSecretException) {
        throw new SecretsErrorException(e.getMessage(), e);
      }
      throw new DatabaseUnavailableException(e.getMessage(), e);
    }
  }

  private void commit(Connection connection) {
    // The server's limit does not hold for it, though it may run the caller's deferred triggers.
    Duration limit = settings.statementTimeout().plus(WATCH_MARGIN.multipliedBy(2));
    try (Watchdog.Watch watch = watchdog.terminate(connection, limit)) {
      session.end(connection);
      if (watch.expired()) {
        abandon(connection);
      } else {
        connection.close();
      }
    } catch (SQLException e) {
      abandon(connection);
      if (!isLost(e)) {
        throw SqlFailures.of(e, settings);
      }
      if (settings.writesAllowed()) {
        throw new DatabaseErrorException(
            ("The connection was lost during the commit, so the request may have taken effect or"
                    + " not: look into the database before you send it again (SQLSTATE %s): %s")
                .formatted(e.getSQLState(), e.getMessage()),
            e);
      }
      // A read-only transaction has nothing to commit, and the answer is whole.
      warn.accept("The connection was lost after the answer: %s".formatted(e.getMessage()));
    }
  }

  private void rollBack(Connection connection) {
    try {
      session.rollBack(connection);
      connection.close();
    } catch (SQLException e) {
      warn.accept("The connection is closed, since ROLLBACK failed: %s".formatted(e.getMessage()));
      abandon(connection);
    }
  }

  /** Closes the connection for good, in any state. */
  private static void abandon(Connection connection) {
    try {
      connection.abort(Runnable::run);
      connection.close();
    } catch (SQLException e) {
      // It is gone already, which is what was wanted.
    }
  }

  private DatabaseErrorException lost(SQLException failure, SQLException before) {
    if (before != null) {
      failure.addSuppressed(before);
    }
    return new DatabaseErrorException(
        "The connection was lost while the SQL ran, and nothing was committed. It was not sent again, because %s (SQLSTATE %s): %s"
            .formatted(
                before == null
                    ? "ALLOW_WRITES is set, and it may have acted on more than this database"
                    : "this has happened twice",
                failure.getSQLState(),
                failure.getMessage()),
        failure);
  }

  private static boolean isLost(SQLException failure) {
    return PostgresLogin.isLost(failure) || IDLE_SESSION_TIMEOUT.equals(failure.getSQLState());
  }

  private static boolean isReadOnlyServer(SQLException failure) {
    return READ_ONLY_SERVER.equals(failure.getSQLState());
  }
}
