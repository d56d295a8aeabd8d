package io.keyturn.consumer;

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
import java.util.function.Consumer;

/**
 * Runs each request in a transaction of its own, which for one that may write has begun, and so has
 * proven that the connection is alive, before its SQL is sent.
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

  /** For connections that were dead, or led to a server that has changed its part. */
  private static final int CONNECTIONS_TRIED = 3;

  private final Settings settings;
  private final RotatingDataSource dataSource;
  private final Consumer<String> warn;
  private final RequestSession session;

  /** What a request does in its transaction. */
  @FunctionalInterface
  interface Work {
    void run(Connection connection, TimeLimit time) throws SQLException, IOException;
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
        session.begin(connection, time.limit());
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

  private void commit(Connection connection) {
    try {
      session.commit(connection);
      connection.close();
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
      session.rollBack(connection);
      connection.close();
    } catch (SQLException e) {
      warn.accept("The connection is closed, since ROLLBACK failed: " + e.getMessage());
      abandon(connection);
    }
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

  private static boolean isLost(SQLException failure) {
    return PostgresLogin.isLost(failure) || IDLE_SESSION_TIMEOUT.equals(failure.getSQLState());
  }

  private static boolean isReadOnlyServer(SQLException failure) {
    return READ_ONLY_SERVER.equals(failure.getSQLState());
  }
}
