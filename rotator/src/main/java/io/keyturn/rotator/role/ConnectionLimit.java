package io.keyturn.rotator.role;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * The CONNECTION LIMIT of a role or a database that is used up, as by the pools of the application.
 * They hold their connections, so that waiting does not help, unlike at a server that is busy.
 */
public final class ConnectionLimit {
  /**
   * Where PostgreSQL checks the limits of a role and of a database, which is after the password.
   * Its messages are translated; the SQLSTATE is that of max_connections too.
   */
  private static final Set<String> CHECKS = Set.of("InitializeSessionUserId", "CheckMyDatabase");

  private ConnectionLimit() {}

  /** Whether a login failed since such a limit is used up. */
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

  /**
   * Which limits are used up, and the statements that raise them by one.
   *
   * @param admin a session in the database that was logged in to
   */
  public static String usedUp(Session admin, String user) throws SQLException {
    StringBuilder text = new StringBuilder();
    admin.transaction(() -> appendUsedUp(text, admin, user));
    return text.toString();
  }

  private static void appendUsedUp(StringBuilder text, Session admin, String user)
      throws SQLException {
    for (String[] limit :
        admin.rows(
            """
            SELECT 'role', rolname, rolconnlimit::text,
                   (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid)::text
            FROM pg_roles r WHERE rolname = ? AND rolconnlimit >= 0
            UNION ALL
            SELECT 'database', datname, datconnlimit::text,
                   (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid)::text
            FROM pg_database d WHERE datname = current_database() AND datconnlimit >= 0
            """,
            user)) {
      text.append(
          ". The %s \"%s\" has %s of %s connections in use: ALTER %s %s CONNECTION LIMIT %d"
              .formatted(
                  limit[0],
                  limit[1],
                  limit[3],
                  limit[2],
                  limit[0].toUpperCase(Locale.ROOT),
                  Sql.name(limit[1]),
                  Integer.parseInt(limit[2]) + 1));
    }
  }
}
