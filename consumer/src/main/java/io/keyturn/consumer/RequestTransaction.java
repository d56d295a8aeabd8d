package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.consumer.QueryException.SecretsErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.datasource.RotatingDataSource;
import io.keyturn.datasource.SecretUnreadableException;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.PostgresLogin;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.function.Consumer;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Runs each request in a transaction of its own, on a connection that the transaction's beginning
 * proves to be alive.
 *
 * <p>When the connection is lost, what happens next depends on what may have taken effect. Before
 * the request's SQL was sent: nothing, so it is sent on a new connection. After that and before the
 * commit: nothing in this database, so a read-only request is sent once more; one that may write is
 * not, since a statement may act on more than the database. At the commit: nobody knows, and the
 * caller is told.
 */
final class RequestTransaction {
  /** idle_session_timeout's own; the rest of its kind is for {@link PostgresLogin#isLost}. */
  private static final String IDLE_SESSION_TIMEOUT = "57P05";

  /**
   * feature_not_supported, which is the answer to READ WRITE while the server is in recovery: it
   * was the writer once, or its name led to the writer.
   */
  private static final String READ_ONLY_SERVER = "0A000";

  /** On top of the statement's timeout, so that the server's own word on it arrives first. */
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(1);

  /** For connections that were dead, or led to a server that has changed its part. */
  private static final int CONNECTIONS_TRIED = 3;

  /**
   * Leaves nothing of one caller's session to the next one: settings, role, locks, notifications,
   * cursors. The statements that the driver has prepared stay.
   *
   * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">DISCARD</a>
   */
  private static final String RESET =
      "; RESET ALL; RESET ROLE; SELECT pg_advisory_unlock_all(); UNLISTEN *; CLOSE ALL";

  private static final String RESET_WRITER = RESET + "; DISCARD TEMP";

  private final Settings settings;
  private final RotatingDataSource dataSource;
  private final Consumer<String> warn;

  /** What a request does in its transaction. */
  @FunctionalInterface
  interface Work {
    void run(Connection connection, TimeLimit time) throws SQLException, IOException;
  }

  /**
   * A connection whose transaction is open, with nothing in it yet that a caller asked for.
   *
   * @param time what the request may take in it
   */
  private record Begun(Connection connection, TimeLimit time) {}

  RequestTransaction(Settings settings, RotatingDataSource dataSource, Consumer<String> warn) {
    this.settings = settings;
    this.dataSource = dataSource;
    this.warn = warn;
  }

  /**
   * Runs the work and commits.
   *
   * @throws QueryException if that failed; nothing was changed then, unless it says otherwise
   */
  void run(Work work, Deadline deadline) throws IOException {
    SQLException lost = null;
    while (true) {
      Begun begun = begun(deadline);
      Connection connection = begun.connection();
      try {
        work.run(connection, begun.time());
        requireOpen(connection);
      } catch (SQLException e) {
        if (!isLost(e)) {
          rollBack(connection);
          throw SqlFailures.of(e, settings);
        }
        abandon(connection);
        if (settings.writesAllowed() || lost != null) {
          throw lost(e, lost);
        }
        warn.accept("Sending the request again, since the connection was lost: " + e.getMessage());
        lost = e;
        continue;
      } catch (RuntimeException | IOException e) {
        rollBack(connection);
        throw e;
      }
      commit(connection);
      return;
    }
  }

  private Begun begun(Deadline deadline) {
    for (int tried = 1; ; tried++) {
      Connection connection = connection(deadline);
      try {
        TimeLimit time = TimeLimit.of(settings.statementTimeout(), deadline);
        begin(connection, time.limit());
        return new Begun(connection, time);
      } catch (StatementTimeoutException e) {
        rollBack(connection);
        throw e;
      } catch (SQLException e) {
        abandon(connection);
        if (tried == CONNECTIONS_TRIED || !(isLost(e) || isReadOnlyServer(e))) {
          throw new DatabaseUnavailableException(
              isReadOnlyServer(e)
                  ? "The server is read-only: it is a replica, or has become one in a failover; let"
                      + " the secret's host name the writer: "
                      + e.getMessage()
                  : "No transaction could be begun (SQLSTATE "
                      + e.getSQLState()
                      + "): "
                      + e.getMessage(),
              e);
        }
        warn.accept("Replacing the connection, since: " + e.getMessage());
      }
    }
  }

  private Connection connection(Deadline deadline) {
    try {
      return dataSource.getConnection(deadline);
    } catch (SQLException e) {
      if (e.getCause() instanceof SecretUnreadableException
          || e.getCause() instanceof InvalidSecretException) {
        throw new SecretsErrorException(e.getMessage(), e);
      }
      throw new DatabaseUnavailableException(e.getMessage(), e);
    }
  }

  private void begin(Connection connection, Duration limit) throws SQLException {
    // The calling thread closes the socket itself: there is no other one to do it.
    connection.setNetworkTimeout(Runnable::run, (int) limit.plus(ANSWER_MARGIN).toMillis());
    try (Statement statement = connection.createStatement()) {
      // One message: without auto-commit the driver puts BEGIN, or BEGIN READ ONLY, before it. A
      // function that is ended or frozen in its transaction must not hold its locks for long.
      statement.execute(
          (settings.writesAllowed() ? "SET TRANSACTION READ WRITE; " : "")
              + "SET LOCAL statement_timeout = "
              + limit.toMillis()
              + "; SET LOCAL idle_in_transaction_session_timeout = "
              + limit.plus(ANSWER_MARGIN).toMillis());
    }
  }

  /** Whatever the request did, the transaction must be the one it began in. */
  private static void requireOpen(Connection connection) throws SQLException {
    if (state(connection) != TransactionState.OPEN) {
      throw new BadRequestException(
          "The SQL ended its transaction, or began one; every request is a transaction of its own");
    }
  }

  private void commit(Connection connection) {
    try {
      end(connection, "COMMIT");
    } catch (SQLException e) {
      abandon(connection);
      if (!isLost(e)) {
        throw SqlFailures.of(e, settings);
      }
      if (settings.writesAllowed()) {
        throw new DatabaseErrorException(
            "The connection was lost during the commit, so the request may have taken effect or"
                + " not: look before it is sent again (SQLSTATE "
                + e.getSQLState()
                + "): "
                + e.getMessage(),
            e);
      }
      // A read-only transaction has nothing to commit, and the answer is whole.
      warn.accept("The connection was lost after the answer: " + e.getMessage());
    }
  }

  private void rollBack(Connection connection) {
    try {
      end(connection, "ROLLBACK");
    } catch (SQLException e) {
      warn.accept("The connection is closed, since ROLLBACK failed: " + e.getMessage());
      abandon(connection);
    }
  }

  private void end(Connection connection, String how) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(how + (settings.writesAllowed() ? RESET_WRITER : RESET));
    }
    if (state(connection) != TransactionState.IDLE) {
      throw new SQLException("The transaction did not end with " + how);
    }
    connection.close();
  }

  /** Closes the connection for good, whatever state it is in. */
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
        "The connection was lost while the SQL ran, and nothing was committed; it is not sent again"
            + " since "
            + (before == null
                ? "ALLOW_WRITES is set, and it may have acted on more than this database"
                : "that has happened twice")
            + " (SQLSTATE "
            + failure.getSQLState()
            + "): "
            + failure.getMessage(),
        failure);
  }

  private static TransactionState state(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class).getTransactionState();
  }

  private static boolean isLost(SQLException failure) {
    return PostgresLogin.isLost(failure) || IDLE_SESSION_TIMEOUT.equals(failure.getSQLState());
  }

  private static boolean isReadOnlyServer(SQLException failure) {
    return READ_ONLY_SERVER.equals(failure.getSQLState());
  }
}
