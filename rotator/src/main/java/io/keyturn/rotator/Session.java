package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.PGConnection;

/** A session of PostgreSQL in which no answer is awaited longer than the function has time. */
final class Session implements AutoCloseable {
  /** The longest wait for one answer of the server. */
  static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  /** How much earlier than this side the server ends a statement. */
  private static final Duration SERVER_MARGIN = Duration.ofSeconds(1);

  private static final Duration BUSY_WAIT = Duration.ofSeconds(10);

  private final Connection connection;
  private final DatabaseSecret login;
  private final Deadline deadline;

  private Session(Connection connection, DatabaseSecret login, Deadline deadline) {
    this.connection = connection;
    this.login = login;
    this.deadline = deadline;
  }

  /**
   * Logs in, and waits a while for a server that has no connection free or is about to start.
   *
   * @throws SQLException whose message names the host and user
   */
  static Session open(PostgresLogin postgres, DatabaseSecret secret, Invocation invocation)
      throws SQLException {
    Deadline deadline = invocation.deadline();
    return Patience.open(
        invocation,
        BUSY_WAIT,
        e -> PostgresLogin.isBusy(e) && !ConnectionLimit.isReached(e),
        () -> new Session(postgres.open(secret, deadline, invocation::warn), secret, deadline));
  }

  /** Work that is done wholly or not at all. */
  @FunctionalInterface
  interface Work {
    void run() throws SQLException;
  }

  /** Runs work in one transaction, which is rolled back if it fails. */
  void transaction(Work work) throws SQLException {
    ask(connection -> connection.setAutoCommit(false));
    try {
      // A user that only reads may have default_transaction_read_only set, which rules out a new
      // password too.
      execute("SET TRANSACTION READ WRITE");
      work.run();
      ask(Connection::commit);
    } catch (SQLException | RuntimeException e) {
      try {
        // Even when no time is left: it takes none where the connection is lost.
        connection.rollback();
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    } finally {
      connection.setAutoCommit(true);
    }
  }

  /**
   * Runs work in one read-only transaction, which is rolled back. The server itself ends a
   * statement that takes too long, before this side gives up and leaves it running there.
   */
  void readOnly(Work work) throws SQLException {
    execute("BEGIN READ ONLY");
    try {
      long limit = Math.max(1, deadline.atMost(ANSWER_TIMEOUT).minus(SERVER_MARGIN).toMillis());
      execute("SET LOCAL statement_timeout = " + limit);
      work.run();
    } catch (SQLException | RuntimeException e) {
      try {
        execute("ROLLBACK");
      } catch (SQLException | RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
    execute("ROLLBACK");
  }

  void execute(String sql) throws SQLException {
    ask(
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
          }
        });
  }

  /**
   * The rows of a query with text parameters; each row has its columns' texts, null where the
   * database has NULL.
   */
  List<String[]> rows(String sql, String... parameters) throws SQLException {
    List<String[]> all = new ArrayList<>();
    ask(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
              statement.setString(i + 1, parameters[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
              int columns = rows.getMetaData().getColumnCount();
              while (rows.next()) {
                String[] row = new String[columns];
                for (int i = 0; i < columns; i++) {
                  row[i] = rows.getString(i + 1);
                }
                all.add(row);
              }
            }
          }
        });
    return all;
  }

  /** Sends a verifier computed here, so that the server never sees the password. */
  void setVerifier(String role, String password) throws SQLException {
    ask(
        connection ->
            connection
                .unwrap(PGConnection.class)
                .alterUserPassword(role, password.toCharArray(), "scram-sha-256"));
  }

  private interface Question {
    void ask(Connection connection) throws SQLException;
  }

  private void ask(Question question) throws SQLException {
    // pgjdbc sets the socket's timeout at once and needs no executor for it.
    int millis = (int) deadline.atMost(ANSWER_TIMEOUT).toMillis();
    try {
      connection.setNetworkTimeout(Runnable::run, millis);
      question.ask(connection);
    } catch (SQLException e) {
      throw new SQLException(told(e), e.getSQLState(), e);
    }
  }

  private String told(SQLException e) {
    String where =
        e.getMessage()
            + " (at "
            + login.host()
            + ":"
            + login.port()
            + ", SQLSTATE "
            + e.getSQLState()
            + ")";
    return PostgresLogin.isLost(e)
        ? where
            + ". The connection is lost: Secrets Manager tries the rotation again; why it was lost, the server's log"
            + " says"
        : where;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
