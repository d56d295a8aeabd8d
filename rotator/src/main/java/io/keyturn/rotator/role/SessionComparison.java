package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares two sessions: the role that each runs as, its settings, and, if the roles differ, what
 * they may do.
 */
public final class SessionComparison {
  private static final int LISTED = 20;

  /**
   * The reset value is the one that the session began with, also for the settings that our own
   * transaction has changed.
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

  private SessionComparison() {}

  /**
   * Requires that a pending session can do what the current one can.
   *
   * @throws RotationException that lists the differences
   */
  public static void require(Session current, Session pending, Invocation invocation)
      throws SQLException {
    List<String> differences = differences(current, pending);
    if (!differences.isEmpty()) {
      // The two are not read at one instant. An object that is created or dropped in between looks
      // like a difference, but not when both are read again.
      differences.retainAll(differences(current, pending));
    }
    if (!differences.isEmpty()) {
      throw new RotationException(
          "The pending user of secret %s differs from the current one, so AWSCURRENT was not moved. It %s%s"
              .formatted(
                  invocation.secretId(),
                  String.join("; ", differences.subList(0, Math.min(LISTED, differences.size()))),
                  differences.size() > LISTED
                      ? "; and %d more".formatted(differences.size() - LISTED)
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
