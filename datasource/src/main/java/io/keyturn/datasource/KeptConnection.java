package io.keyturn.datasource;

import io.keyturn.postgres.Deadline;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Consumer;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import org.postgresql.core.BaseConnection;
import org.postgresql.ds.PGPooledConnection;

/** The last connection that a caller closed, kept for the next one. */
final class KeptConnection {
  private static final Duration VALIDATION = Duration.ofSeconds(2);

  private final boolean autoCommit;
  private final Duration maxAge;
  private final Duration validateAfter;
  private final boolean resets;
  private final Consumer<String> warn;
  private Physical idle;
  private boolean closed;

  /**
   * @param autoCommit what connections are handed out with
   * @param maxAge after its login a connection is not handed out again
   * @param validateAfter how long it may have been idle to be handed out unseen
   * @param resets whether the session gets its first state back when it is kept
   */
  KeptConnection(
      boolean autoCommit,
      Duration maxAge,
      Duration validateAfter,
      boolean resets,
      Consumer<String> warn) {
    this.autoCommit = autoCommit;
    this.maxAge = maxAge;
    this.validateAfter = validateAfter;
    this.resets = resets;
    this.warn = warn;
  }

  /**
   * The connection that is kept, if it leads to this database, is young enough and alive, otherwise
   * null.
   */
  Connection take(String database, Deadline deadline) {
    Physical candidate;
    synchronized (this) {
      candidate = idle;
      idle = null;
    }
    if (candidate == null) {
      return null;
    }
    boolean handedOut = false;
    try {
      if (candidate.leadsTo(database) && !candidate.isTooOld() && candidate.isAlive(deadline)) {
        Connection connection = candidate.handOut();
        handedOut = true;
        return connection;
      }
    } catch (SQLException e) {
      warn.accept("The connection that was kept is replaced: %s".formatted(e.getMessage()));
    } finally {
      // Also when there is no time left to find out whether it is alive.
      if (!handedOut) {
        candidate.end();
      }
    }
    return null;
  }

  /**
   * Hands out a new connection, which is kept when its caller closes it.
   *
   * @param toItsDatabaseOnly whether it is for callers that ask for its database, not for all
   */
  Connection handOut(Connection connection, boolean toItsDatabaseOnly) throws SQLException {
    boolean handedOut = false;
    try {
      Connection handle = new Physical(connection, toItsDatabaseOnly).handOut();
      handedOut = true;
      return handle;
    } finally {
      if (!handedOut) {
        connection.close();
      }
    }
  }

  /** Closes the connection that is kept. */
  void drop() {
    keep(null);
  }

  /** Closes the connection that is kept, and keeps none from now on. */
  void close() {
    synchronized (this) {
      closed = true;
    }
    drop();
  }

  private void keep(Physical next) {
    Physical surplus;
    synchronized (this) {
      surplus = idle;
      idle = next;
      if (closed && next != null) {
        surplus = next;
        idle = null;
      }
    }
    if (surplus != null) {
      surplus.end();
    }
  }

  /** A connection to the server, which outlives those that its callers see. */
  private final class Physical implements ConnectionEventListener {
    private final Connection connection;
    private final BaseConnection base;
    private final boolean toItsDatabaseOnly;
    private final PGPooledConnection pooled;
    private final OpenStatements statements;
    private final SessionReset reset;
    private final long openedNanos = System.nanoTime();
    private long idleSinceNanos;

    Physical(Connection connection, boolean toItsDatabaseOnly) throws SQLException {
      this.connection = connection;
      this.toItsDatabaseOnly = toItsDatabaseOnly;
      base = connection.unwrap(BaseConnection.class);
      reset = new SessionReset(connection, autoCommit);
      statements = new OpenStatements(connection);
      pooled = new PGPooledConnection(statements.watched(), autoCommit);
      pooled.addConnectionEventListener(this);
    }

    Connection handOut() throws SQLException {
      return pooled.getConnection();
    }

    boolean leadsTo(String database) throws SQLException {
      // getCatalog would ask the server.
      return !toItsDatabaseOnly || base.getQueryExecutor().getDatabase().equals(database);
    }

    boolean isTooOld() {
      return System.nanoTime() - openedNanos >= maxAge.toNanos();
    }

    boolean isAlive(Deadline deadline) throws SQLException {
      if (System.nanoTime() - idleSinceNanos < validateAfter.toNanos()) {
        return true;
      }
      return connection.isValid((int) Math.max(1, deadline.atMost(VALIDATION).toSeconds()));
    }

    @Override
    public void connectionClosed(ConnectionEvent event) {
      try {
        if (connection.isClosed() || isTooOld()) {
          end();
          return;
        }
        statements.close();
        if (resets) {
          reset.run();
        }
        idleSinceNanos = System.nanoTime();
        keep(this);
      } catch (SQLException e) {
        warn.accept("The connection is closed and not kept: %s".formatted(e.getMessage()));
        end();
      }
    }

    /** The next use of the connection would fail as well. */
    @Override
    public void connectionErrorOccurred(ConnectionEvent event) {
      end();
    }

    private void end() {
      pooled.removeConnectionEventListener(this);
      try {
        connection.close();
      } catch (SQLException e) {
        warn.accept("A connection could not be closed: %s".formatted(e.getMessage()));
      }
    }
  }
}
