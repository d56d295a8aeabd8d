package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares two sessions: as whom they run, with which settings, and if they run as different roles,
 * what these may do. Sessions that run as one role may do the same.
 */
public final class Parity {
  private static final int DIFFERENCES_TOLD = 20;

  /**
   * The reset value is what the session began with, also of the settings that a transaction of ours
   * has changed.
   */
  private static final String SESSION =
      """
      SELECT current_user, 'runs as ' || current_user
      UNION ALL
      SELECT current_user, 'setting ' || name || ' = ' || reset_val
      FROM pg_settings WHERE source IN ('global', 'database', 'user', 'database user', 'session')
      UNION ALL
      SELECT current_user, 'attribute REPLICATION' FROM pg_roles WHERE rolname = session_user AND rolreplication
      """;

  private Parity() {}

  /**
   * Refuses a pending session that is not the current one's equal.
   *
   * @throws RotationException which lists the differences
   */
  public static void require(Session current, Session pending, Invocation invocation)
      throws SQLException {
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
    List<String[]> now = current.rows(SESSION);
    List<String[]> then = pending.rows(SESSION);
    Set<String> nowFacts = facts(now);
    Set<String> thenFacts = facts(then);
    List<String> differences = new ArrayList<>();
    nowFacts.stream()
        .filter(fact -> !thenFacts.contains(fact))
        .forEach(fact -> differences.add("lacks: " + fact));
    thenFacts.stream()
        .filter(fact -> !nowFacts.contains(fact))
        .forEach(fact -> differences.add("has: " + fact));
    String role = now.get(0)[0];
    String other = then.get(0)[0];
    if (!role.equals(other)) {
      Privileges.lacking(pending, role, other).forEach(fact -> differences.add("lacks: " + fact));
    }
    return differences;
  }

  private static Set<String> facts(List<String[]> rows) {
    Set<String> facts = new TreeSet<>();
    rows.forEach(row -> facts.add(row[1]));
    return facts;
  }
}
