package io.keyturn.rotator.role;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
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

  /**
   * The limits that are used up, and the statements that raise them by one.
   *
   * @param admin a session in the database that was logged in to
   */
  public static String usedUp(Session admin, String user) throws SQLException {
    List<String[]> limits =
        admin.transaction(
            () ->
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
                    user));
    return limits.stream().map(ConnectionLimit::description).collect(Collectors.joining());
  }

  private static String description(String[] limit) {
    return ". The %s \"%s\" has %s of %s connections in use: ALTER %s %s CONNECTION LIMIT %d"
        .formatted(
            limit[0],
            limit[1],
            limit[3],
            limit[2],
            limit[0].toUpperCase(Locale.ROOT),
            Sql.name(limit[1]),
            Integer.parseInt(limit[2]) + 1);
  }
}
