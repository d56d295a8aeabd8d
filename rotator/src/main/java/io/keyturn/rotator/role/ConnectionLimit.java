package io.keyturn.rotator.role;

import java.sql.SQLException;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Recognizes that the CONNECTION LIMIT of a role or a database is used up, as by the application's
 * pools. Unlike with a busy server, waiting does not help, since pools keep their connections.
 */
public final class ConnectionLimit {
  /**
   * The functions in which PostgreSQL checks the limits of a role and of a database, after the
   * password. Its messages are translated, and max_connections has the same SQLSTATE.
   */
  private static final Set<String> CHECKS = Set.of("InitializeSessionUserId", "CheckMyDatabase");

  private ConnectionLimit() {}

  /** Whether a login failed because such a limit is used up. */
  public static boolean isReached(SQLException failure) {
    if (!"53300".equals(failure.getSQLState())) {
      return false;
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PSQLException e) {
        ServerErrorMessage message = e.getServerErrorMessage();
        return message != null && CHECKS.contains(String.valueOf(message.getRoutine()));
      }
    }
    return false;
  }
}
