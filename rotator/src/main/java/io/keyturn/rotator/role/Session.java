package io.keyturn.rotator.role;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A session of PostgreSQL. Every statement runs in a transaction that resolves names in {@code
 * pg_catalog} alone, and ends on the server no later than the function gives up.
 *
 * <p>All of that is set for the transaction, not for the session, whose settings a pooler would
 * hand on to the next client.
 */
public final class Session implements AutoCloseable {
  /** The longest wait for one answer of the server. */
  public static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration BUSY_WAIT = Duration.ofSeconds(10);

  /** The first version that limits whole transactions. */
  private static final int TRANSACTION_TIMEOUT = 17;

  /** PostgreSQL's lock_not_available and query_canceled. */
  private static final String LOCK_TIMEOUT = "55P03";

  private static final String STATEMENT_TIMEOUT = "57014";

  private static final int BEGIN_ATTEMPTS = 10;

  private final Connection connection;
  private final DatabaseSecret login;
  private final Invocation invocation;

  /** The statement_timeout of the transaction that is open; zero while none is. */
  private Duration statementTimeout = Duration.ZERO;

  private Session(Connection connection, DatabaseSecret login, Invocation invocation)
      throws SQLException {
    this.connection = connection;
    this.login = login;
    this.invocation = invocation;
    connection.setAutoCommit(false);
  }

  /**
   * Logs in, and waits a while for a server that has no connection free or is about to start.
   *
   * @throws SQLException whose message names the host and user
   */
  public static Session open(PostgresLogin postgres, DatabaseSecret secret, Invocation invocation)
      throws SQLException {
    return Retry.login(
            invocation, BUSY_WAIT, e -> PostgresLogin.isBusy(e) && !ConnectionLimit.isReached(e))
        .run(
            () ->
                new Session(
                    postgres.open(secret, invocation.deadline(), invocation::warn),
                    secret,
                    invocation));
  }

  /** The statements of a transaction. */
  @FunctionalInterface
  public interface Statements {
    void run() throws SQLException;
  }

  /** The statements of a transaction that has a result. */
  @FunctionalInterface
  public interface Query<T> {
    T run() throws SQLException;
  }

  /**
   * Runs statements in one transaction as the role that logged in, whatever the role's own settings
   * are. It is rolled back if one fails.
   */
  public void transaction(Statements statements) throws SQLException {
    transaction(result(statements));
  }

  /** Runs statements as {@link #transaction(Statements)} does, and returns their result. */
  public <T> T transaction(Query<T> query) throws SQLException {
    return run(
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL ROLE NONE; ",
        query,
        Connection::commit);
  }

  /**
   * Runs statements in a transaction that can change nothing and is rolled back, as the role that a
   * client's session would run as.
   */
  public void readOnly(Statements statements) throws SQLException {
    run(
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY; ",
        result(statements),
        Connection::rollback);
  }

  /**
   * Runs statements in a transaction that can change nothing and is rolled back, as the role that
   * logged in.
   */
  public <T> T inspect(Query<T> query) throws SQLException {
    return run(
        "SET TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY; SET LOCAL ROLE NONE; ",
        query,
        Connection::rollback);
  }

  private static Query<Boolean> result(Statements statements) {
    return () -> {
      statements.run();
      return true;
    };
  }

  private <T> T run(String mode, Query<T> query, Command end) throws SQLException {
    try {
      begin(mode);
      T result = query.run();
      send(end);
      return result;
    } catch (SQLException | RuntimeException e) {
      rollBack(e);
      throw e;
    } finally {
      statementTimeout = Duration.ZERO;
    }
  }

  /**
   * Sends what every transaction begins with. These are commands without names to resolve: a
   * function such as set_config would be looked up in the path of the role, which may have one of
   * its own.
   */
  private void begin(String mode) throws SQLException {
    // The role's own statement_timeout still applies to the command that lifts it.
    Retry.atOnce(invocation, BEGIN_ATTEMPTS, Session::isStatementTimeout)
        .run(
            () -> {
              try {
                setUp(mode);
                return mode;
              } catch (SQLException e) {
                rollBack(e);
                throw e;
              }
            });
  }

  private void setUp(String mode) throws SQLException {
    statementTimeout = serverLimit(invocation.deadline().atMost(ANSWER_TIMEOUT));
    long idle = invocation.deadline().atMost(Duration.ofDays(1)).toMillis();
    // The temporary schema would come first if it were not named.
    execute(
        "%s; %sSET LOCAL search_path TO pg_catalog, pg_temp; SET LOCAL lock_timeout TO 0; SET LOCAL idle_in_transaction_session_timeout TO %d%s"
            .formatted(
                setStatementTimeout(),
                mode,
                idle,
                majorVersion() >= TRANSACTION_TIMEOUT
                    ? "; SET LOCAL transaction_timeout TO " + idle
                    : ""));
  }

  /** Ends a statement a little before its answer is no longer awaited. */
  private static Duration serverLimit(Duration answer) {
    return Duration.ofMillis(Math.max(1, answer.toMillis() * 9 / 10));
  }

  /** Later than this, the server's word on it might arrive too late. */
  private static Duration latestEnd(Duration answer) {
    return Duration.ofMillis(answer.toMillis() * 19 / 20);
  }

  private String setStatementTimeout() {
    return "SET LOCAL statement_timeout TO " + statementTimeout.toMillis();
  }

  private void rollBack(Exception failure) {
    for (int attempt = 1; ; attempt++) {
      try {
        // Even when no time is left: it takes none where the connection is lost.
        connection.rollback();
        return;
      } catch (SQLException second) {
        // In a transaction that has failed, the role's own statement_timeout applies again.
        if (attempt == BEGIN_ATTEMPTS || !isStatementTimeout(second)) {
          failure.addSuppressed(second);
          return;
        }
      }
    }
  }

  public void execute(String sql) throws SQLException {
    send(
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
    send(
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

  private interface Command {
    void run(Connection connection) throws SQLException;
  }

  private void send(Command command) throws SQLException {
    if (statementTimeout.isZero()) {
      throw new IllegalStateException("Statement outside a transaction");
    }
    Duration answer = invocation.deadline().atMost(ANSWER_TIMEOUT);
    try {
      // pgjdbc sets the socket's timeout at once and needs no executor for it.
      connection.setNetworkTimeout(Runnable::run, (int) answer.toMillis());
      // Of the margin that it was set with, some has passed.
      if (latestEnd(answer).compareTo(statementTimeout) < 0) {
        statementTimeout = serverLimit(answer);
        try (Statement statement = connection.createStatement()) {
          statement.execute(setStatementTimeout());
        }
      }
      command.run(connection);
    } catch (SQLException e) {
      throw new SQLException(withContext(e), e.getSQLState(), e);
    }
  }

  private String withContext(SQLException e) {
    String hint = "";
    if (PostgresLogin.isLost(e)) {
      hint =
          ". The connection is lost; the server's log says why. Secrets Manager tries the rotation again";
    } else if (isLockTimeout(e) || isStatementTimeout(e)) {
      hint =
          ". Another session may hold a lock that this statement needs: see pg_blocking_pids() and"
              + " pg_stat_activity. Secrets Manager tries the rotation again";
    }
    return "%s (at %s:%d, SQLSTATE %s)%s"
        .formatted(e.getMessage(), login.host(), login.port(), e.getSQLState(), hint);
  }

  String database() {
    return login.database();
  }

  /** The server's major version, such as 18, which it reports at the login. */
  int majorVersion() throws SQLException {
    return connection.getMetaData().getDatabaseMajorVersion();
  }

  private static boolean isStatementTimeout(SQLException failure) {
    return STATEMENT_TIMEOUT.equals(failure.getSQLState());
  }

  /** Whether another session held a lock for longer than this one may wait. */
  static boolean isLockTimeout(SQLException failure) {
    return LOCK_TIMEOUT.equals(failure.getSQLState());
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
