package io.keyturn.datasource;

import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.AutoSave;

/**
 * Gives a connection back the state that it had after its login, in one round trip.
 *
 * <p>What a caller has changed cannot be known: any SELECT may call set_config, setseed or
 * pg_advisory_lock. So the reset is the same after every use.
 */
final class SessionReset {
  /** The longest wait for the server's answer. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  /**
   * The parts of DISCARD ALL, which itself takes no ROLLBACK before it in the same message. RESET
   * ROLE comes on top: before 13.18, 14.15, 15.10, 16.6 and 17.2 the end of a session authorization
   * also ends the role that ALTER ROLE ... SET role gives.
   *
   * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">DISCARD</a>
   */
  private static final String RESET =
      "CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; RESET ROLE; DEALLOCATE ALL;"
          + " UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD PLANS; DISCARD TEMP;"
          + " DISCARD SEQUENCES";

  private final Connection connection;
  private final BaseConnection base;
  private final boolean autoCommit;
  private final boolean readOnly;
  private final int holdability;
  private final int networkTimeout;
  private final Map<String, Class<?>> typeMap;
  private final int prepareThreshold;
  private final int fetchSize;
  private final boolean adaptiveFetch;
  private final AutoSave autosave;

  /**
   * @param connection as it is to be after each reset
   * @param autoCommit what it is handed out with
   */
  SessionReset(Connection connection, boolean autoCommit) throws SQLException {
    this.connection = connection;
    this.autoCommit = autoCommit;
    base = connection.unwrap(BaseConnection.class);
    readOnly = connection.isReadOnly();
    holdability = connection.getHoldability();
    networkTimeout = connection.getNetworkTimeout();
    typeMap = new HashMap<>(connection.getTypeMap());
    prepareThreshold = base.getPrepareThreshold();
    fetchSize = base.getDefaultFetchSize();
    adaptiveFetch = base.getAdaptiveFetch();
    autosave = base.getAutosave();
  }

  /** If this throws, the connection must not be used again. */
  void run() throws SQLException {
    connection.setNetworkTimeout(Runnable::run, (int) LIMIT.toMillis());
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      executeWithinLimit(statement, sql());
    }
    if (base.getTransactionState() != TransactionState.IDLE) {
      throw new SQLException("A transaction is still open after ROLLBACK");
    }
    connection.setAutoCommit(autoCommit);
    connection.setReadOnly(readOnly);
    connection.setHoldability(holdability);
    connection.setTypeMap(new HashMap<>(typeMap));
    base.setPrepareThreshold(prepareThreshold);
    base.setDefaultFetchSize(fetchSize);
    base.setAdaptiveFetch(adaptiveFetch);
    base.setAutosave(autosave);
    // Takes those that have arrived, and asks the server for none.
    base.getQueryExecutor().getNotifications();
    connection.clearWarnings();
    connection.setNetworkTimeout(Runnable::run, networkTimeout);
  }

  /**
   * The driver waits for the end of a COPY that the caller has begun, which would be for ever: only
   * an interrupt ends that wait.
   */
  private static void executeWithinLimit(Statement statement, String sql) throws SQLException {
    Thread caller = Thread.currentThread();
    CompletableFuture<Void> done = new CompletableFuture<>();
    CompletableFuture<Void> watch =
        done.orTimeout(LIMIT.toMillis() * 2, TimeUnit.MILLISECONDS)
            .exceptionally(
                late -> {
                  caller.interrupt();
                  return null;
                });
    try {
      statement.execute(sql);
    } finally {
      if (!done.complete(null)) {
        watch.join();
        Thread.interrupted();
      }
    }
  }

  private String sql() throws SQLException {
    StringBuilder sql = new StringBuilder();
    // Without auto-commit the driver begins a transaction for this message as well. A ROLLBACK
    // without a transaction would be a warning in the server's log.
    if (!connection.getAutoCommit() || base.getTransactionState() != TransactionState.IDLE) {
      sql.append("ROLLBACK; ");
    }
    sql.append(RESET);
    // PostgreSQL cannot forget a seed, so it gets one that nobody has chosen.
    sql.append("; SELECT pg_catalog.setseed('")
        .append(new SecureRandom().nextDouble())
        .append("'::pg_catalog.float8)");
    if (readOnly && autoCommit) {
      // The driver set it after the login, and RESET ALL undoes that.
      sql.append("; SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
    }
    return sql.toString();
  }
}
