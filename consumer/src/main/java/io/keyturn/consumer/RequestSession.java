package io.keyturn.consumer;

import java.lang.ref.WeakReference;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * Begins and ends the transactions of requests on a session that they share: each has its settings,
 * and nothing that an earlier one has left behind.
 *
 * <p>A request that may write is three messages: its settings, which open the transaction and show
 * that the connection is alive before anything is at stake, its SQL, and the end. One that only
 * reads can be sent again, so it has but the last two, with the settings that the end of the one
 * before has set. It is rolled back: what a read-only transaction lets pass, such as pg_notify or,
 * before PostgreSQL 16, a new large object, is undone.
 */
final class RequestSession {
  /** On top of the statement's timeout, so that the server's own word on it arrives first. */
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(1);

  /** On top of the statement's timeout, so that the watchdog ends it on the server before that. */
  private static final Duration NETWORK_MARGIN = Duration.ofSeconds(4);

  /**
   * Leaves nothing of one caller's session to the next one. Older minors' DISCARD ALL also drops
   * the role that the user is set to (ALTER ROLE … SET role), and no command resets the seed of
   * random.
   *
   * @see <a href="https://www.postgresql.org/docs/current/sql-discard.html">DISCARD</a>
   */
  private static final String RESET = "; DISCARD ALL; RESET ROLE; SELECT pg_catalog.setseed(";

  private final Duration statementTimeout;
  private final boolean writesAllowed;
  private final SecureRandom random = new SecureRandom();

  /** What ends a session's reset, after the seed. */
  private final String prepareNext;

  /**
   * The connection whose session has the settings of a request that has all of its time. It must
   * not be kept alive by this: a closed one still has the password that it logged in with.
   */
  private WeakReference<BaseConnection> prepared = new WeakReference<>(null);

  RequestSession(Settings settings) {
    statementTimeout = settings.statementTimeout();
    writesAllowed = settings.writesAllowed();
    prepareNext = writesAllowed ? ")" : "); " + settings("SET", statementTimeout);
  }

  /**
   * Makes the next statement the first of a transaction with these settings, or opens one that has
   * them.
   *
   * @param limit what a single statement may take
   */
  void begin(Connection connection, Duration limit) throws SQLException {
    // The calling thread closes the socket itself: there is no other one to do it.
    connection.setNetworkTimeout(Runnable::run, (int) limit.plus(NETWORK_MARGIN).toMillis());
    if (limit.equals(statementTimeout) && prepared.refersTo(base(connection))) {
      return;
    }
    // One message: without auto-commit the driver puts BEGIN, or BEGIN READ ONLY, before it.
    execute(
        connection,
        (writesAllowed ? "SET TRANSACTION READ WRITE; " : "") + settings("SET LOCAL", limit));
  }

  /**
   * Has the server end what takes too long: a function that is ended or frozen in its transaction
   * must not hold its locks for long. The time zone is the Data API's, on which its clients rely.
   */
  private static String settings(String set, Duration limit) {
    return "%1$s TimeZone = 'UTC'; %1$s statement_timeout = %2$d; %1$s idle_in_transaction_session_timeout = %3$d"
        .formatted(set, limit.toMillis(), limit.plus(ANSWER_MARGIN).toMillis());
  }

  /** Commits, or rolls back where writes are not allowed. */
  void end(Connection connection) throws SQLException {
    end(connection, writesAllowed ? "COMMIT" : "ROLLBACK");
  }

  void rollBack(Connection connection) throws SQLException {
    end(connection, "ROLLBACK");
  }

  private void end(Connection connection, String how) throws SQLException {
    prepared.clear();
    execute(connection, how + RESET + random.nextDouble() + prepareNext);
    if (base(connection).getTransactionState() != TransactionState.IDLE) {
      throw new SQLException("The transaction did not end with %s".formatted(how));
    }
    if (!writesAllowed) {
      prepared = new WeakReference<>(base(connection));
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // It has no JDBC escapes, for which the driver would read it once more.
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }

  private static BaseConnection base(Connection connection) throws SQLException {
    return connection.unwrap(BaseConnection.class);
  }
}
