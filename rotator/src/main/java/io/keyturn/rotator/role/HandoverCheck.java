package io.keyturn.rotator.role;

import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.check.Level;
import io.keyturn.rotator.role.TwinRights.Kind;
import io.keyturn.rotator.role.TwinRights.Right;
import io.keyturn.rotator.role.TwinRights.Scope;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Counts what a rotation would hand over from the twin to the base, without handing it over. */
public final class HandoverCheck {
  private static final int LISTED = 20;

  private static final Map<String, Kind> KINDS = kinds();

  private HandoverCheck() {}

  private static Map<String, Kind> kinds() {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put("owned", Kind.OWNED);
    kinds.put("grants", Kind.GRANTS);
    kinds.put("memberships", Kind.MEMBERSHIPS);
    kinds.put("default privileges", Kind.DEFAULT_PRIVILEGES);
    kinds.put("policies", Kind.POLICIES);
    return kinds;
  }

  /**
   * Checks one database.
   *
   * @param admin a session in it, in a read-only transaction
   * @param home whether it is the database of the admin's secret, for which shared objects count
   * @param needed whether the current login works with these rights, so that one that cannot be
   *     handed over blocks the rotation
   */
  public static void run(
      Session admin, UserNames names, boolean home, boolean needed, CheckReport report)
      throws SQLException {
    String database = admin.database();
    for (Map.Entry<String, Kind> kind : KINDS.entrySet()) {
      if (!home && kind.getKey().equals("memberships")) {
        continue;
      }
      List<Right> rights = kind.getValue().read(admin, names, new Scope(home, null));
      if (rights.isEmpty()) {
        continue;
      }
      List<Right> stuck = rights.stream().filter(right -> right.executor() == null).toList();
      report.add(new CheckReport.Share(database, kind.getKey(), rights.size(), stuck.size()));
      if (!stuck.isEmpty()) {
        addStuck(stuck, database, needed, report);
      }
    }
    List<String> prepared = TwinRights.preparedTransactions(admin, names);
    if (needed && !prepared.isEmpty()) {
      report.add(
          Level.BLOCKS,
          Code.HANDOVER,
          "in database \"%s\", only \"%s\" may finish the transactions that it has prepared"
              .formatted(database, names.twin()),
          String.join("; ", prepared));
    }
    addBusy(admin, names, database, report);
  }

  private static void addStuck(
      List<Right> stuck, String database, boolean needed, CheckReport report) {
    boolean blocks = needed && stuck.stream().anyMatch(right -> right.give() != null);
    report.add(
        blocks ? Level.BLOCKS : Level.WARNS,
        Code.HANDOVER,
        "in database \"%s\", neither the admin nor the twin may hand over some rights of the twin (%d), but %s may"
            .formatted(
                database,
                stuck.size(),
                String.join(", ", stuck.stream().map(Right::who).distinct().sorted().toList())),
        String.join(
            "; ",
            stuck.stream().limit(LISTED).flatMap(right -> right.statements().stream()).toList()));
  }

  private static void addBusy(Session admin, UserNames names, String database, CheckReport report)
      throws SQLException {
    List<String[]> busy =
        admin.rows(
            """
            SELECT DISTINCT format('%I.%I', n.nspname, c.relname), l.pid
            FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
                 JOIN pg_roles r ON r.oid = c.relowner
            WHERE l.granted AND l.pid <> pg_backend_pid() AND r.rolname = ?
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
            ORDER BY 1
            LIMIT 20
            """,
            names.twin());
    if (!busy.isEmpty()) {
      report.add(
          Level.TELLS,
          Code.BUSY,
          "in database \"%s\", other sessions use %s now. What is in use is shared with \"%s\", and handed over by a later rotation"
              .formatted(
                  database,
                  String.join(
                      ", ",
                      busy.stream().map(row -> "%s (pid %s)".formatted(row[0], row[1])).toList()),
                  names.base()),
          null);
    }
  }
}
