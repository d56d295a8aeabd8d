package io.keyturn.rotator.role;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The connection limits that let nobody in, which only another user can look up. */
public final class LimitsInUse {
  private LimitsInUse() {}

  /**
   * The limits that are used up, and the statements that raise them by one.
   *
   * @param admin a session in the database that was logged in to
   */
  public static String describe(Session admin, String user) throws SQLException {
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
    return limits.stream().map(LimitsInUse::description).collect(Collectors.joining());
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
