package io.keyturn.rotator;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares what two sessions may do: as whom they run, what that role is a member of, its
 * privileges, its settings.
 */
final class Parity {
  private static final int DIFFERENCES_TOLD = 20;

  private static final String SESSION =
      """
      SELECT 'runs as ' || current_user
      UNION ALL
      SELECT 'member of ' || rolname FROM pg_roles WHERE pg_has_role(oid, 'USAGE')
      UNION ALL
      SELECT privilege || ' on database ' || datname
      FROM pg_database, unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) privilege
      WHERE has_database_privilege(oid, privilege)
      UNION ALL
      SELECT privilege || ' on schema ' || nspname
      FROM pg_namespace, unnest(ARRAY['USAGE', 'CREATE']) privilege
      WHERE nspname !~ '^pg_(toast_)?temp_' AND has_schema_privilege(oid, privilege)
      UNION ALL
      SELECT 'setting ' || name || ' = ' || setting
      FROM pg_settings WHERE source IN ('global', 'database', 'user', 'database user')
      """;

  private Parity() {}

  /**
   * Refuses a pending session that is not the current one's equal.
   *
   * @throws RotationException which lists the differences
   */
  static void require(Session current, Session pending, Invocation invocation) throws SQLException {
    List<String> differences = differences(current, pending);
    if (!differences.isEmpty()) {
      // The two cannot be read at one instant: a database or schema that somebody makes or drops in
      // between is no
      // difference of theirs, and is gone when both are read again.
      differences.retainAll(differences(current, pending));
    }
    if (!differences.isEmpty()) {
      throw new RotationException(
          "The pending user of secret "
              + invocation.secretId()
              + " is not the equal of the current one, AWSCURRENT stays where it is. It "
              + String.join(
                  "; ", differences.subList(0, Math.min(DIFFERENCES_TOLD, differences.size())))
              + (differences.size() > DIFFERENCES_TOLD
                  ? "; and " + (differences.size() - DIFFERENCES_TOLD) + " more"
                  : ""));
    }
  }

  private static List<String> differences(Session current, Session pending) throws SQLException {
    Set<String> now = read(current);
    Set<String> then = read(pending);
    List<String> differences = new ArrayList<>();
    now.stream()
        .filter(fact -> !then.contains(fact))
        .forEach(fact -> differences.add("lacks: " + fact));
    then.stream()
        .filter(fact -> !now.contains(fact))
        .forEach(fact -> differences.add("has: " + fact));
    return differences;
  }

  private static Set<String> read(Session session) throws SQLException {
    Set<String> facts = new TreeSet<>();
    session.rows(SESSION).forEach(row -> facts.add(row[0]));
    return facts;
  }
}
