package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The settings of the base and the twin, as {@code ALTER ROLE … [IN DATABASE …] SET} made them.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/catalog-pg-db-role-setting.html">pg_db_role_setting</a>
 */
final class RoleSettings {
  /** PostgreSQL's error code insufficient_privilege. */
  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  /** The first version in which parameters have grants. */
  private static final int FIRST_WITH_GRANTS = 15;

  /** The setting that makes a session run as another role from its start. */
  private static final String ROLE = "role";

  /**
   * Parameters whose value is a list of names, each quoted by itself, as in PostgreSQL's pg_dump.
   *
   * @see <a
   *     href="https://github.com/postgres/postgres/blob/master/src/bin/pg_dump/dumputils.c">variable_is_guc_list_quote</a>
   */
  private static final Set<String> NAME_LISTS =
      Set.of(
          "local_preload_libraries",
          "search_path",
          "session_preload_libraries",
          "shared_preload_libraries",
          "temp_tablespaces",
          "unix_socket_directories");

  /**
   * A parameter, for one database or for all.
   *
   * @param database null for all
   */
  record Key(String database, String parameter) {
    private String of(String role) {
      return "ALTER ROLE %s%s"
          .formatted(Sql.name(role), database == null ? "" : " IN DATABASE " + Sql.name(database));
    }
  }

  private final Map<Key, String> base;
  private final Map<Key, String> twin;

  /** The role that the base runs as by the setting of a database, or of all under null. */
  private final Map<String, String> rolesOfDatabases;

  private RoleSettings(
      Map<Key, String> base, Map<Key, String> twin, Map<String, String> rolesOfDatabases) {
    this.base = base;
    this.twin = twin;
    this.rolesOfDatabases = rolesOfDatabases;
  }

  /**
   * Reads the settings of both roles, and the databases' settings of role that apply to the base.
   */
  static RoleSettings read(Session session, UserNames names) throws SQLException {
    Map<Key, String> base = new LinkedHashMap<>();
    Map<Key, String> twin = new LinkedHashMap<>();
    Map<String, String> rolesOfDatabases = new HashMap<>();
    for (String[] row :
        session.rows(
            """
            SELECT r.rolname, d.datname, split_part(c.setting, '=', 1),
                   substr(c.setting, strpos(c.setting, '=') + 1)
            FROM pg_db_role_setting s
                 LEFT JOIN pg_roles r ON r.oid = s.setrole
                 LEFT JOIN pg_database d ON d.oid = s.setdatabase,
                 unnest(s.setconfig) WITH ORDINALITY AS c(setting, position)
            WHERE r.rolname IN (?, ?)
               OR s.setrole = 0 AND EXISTS (
                    -- A session that may not become this role ignores the setting.
                    SELECT FROM pg_roles o, pg_roles base
                    WHERE c.setting = 'role=' || o.rolname AND base.rolname = ? AND pg_has_role(base.oid, o.oid, 'MEMBER'))
            ORDER BY d.datname NULLS FIRST, c.position
            """,
            names.base(),
            names.twin(),
            names.base())) {
      Key key = new Key(row[1], row[2]);
      if (row[0] == null) {
        rolesOfDatabases.put(row[1], row[3]);
      } else {
        (row[0].equals(names.base()) ? base : twin).put(key, row[3]);
      }
    }
    return new RoleSettings(base, twin, rolesOfDatabases);
  }

  /** Whether a role to run as is set for the twin, as Keyturn does. */
  boolean twinRunsAsAnother() {
    return twin.containsKey(new Key(null, ROLE));
  }

  /** Copies the settings that only the twin has to the base. */
  void writeBase(Session session, UserNames names) throws SQLException {
    Map<Key, String> wanted = ofBoth();
    write(session, changes(names.base(), base, wanted));
    base.putAll(wanted);
  }

  private Map<Key, String> ofBoth() {
    Map<Key, String> settings = new LinkedHashMap<>(base);
    twin.forEach(settings::putIfAbsent);
    return settings;
  }

  /** Copies the settings of the base to the twin, and makes the twin run as the base does. */
  void writeTwin(Session session, UserNames names) throws SQLException {
    write(session, changes(names.twin(), twin, wantedOfTwin(names, base)));
  }

  private Map<Key, String> wantedOfTwin(UserNames names, Map<Key, String> base) {
    Map<Key, String> wanted = new LinkedHashMap<>(base);
    Key everywhere = new Key(null, ROLE);
    if (!base.containsKey(everywhere)) {
      // A role's setting overrides a database's. The base has none of its own.
      String role = rolesOfDatabases.getOrDefault(null, names.base());
      wanted.put(everywhere, role);
      rolesOfDatabases.forEach(
          (database, own) -> {
            if (database != null && !own.equals(role)) {
              wanted.putIfAbsent(new Key(database, ROLE), own);
            }
          });
    }
    return wanted;
  }

  /** A statement that sets or resets a parameter of a role. */
  private record Change(Key key, String statement) {}

  /** The statements that give a role exactly these settings. */
  private static List<Change> changes(String role, Map<Key, String> now, Map<Key, String> wanted) {
    List<Change> changes = new ArrayList<>();
    for (Key key : now.keySet()) {
      if (!wanted.containsKey(key)) {
        changes.add(new Change(key, key.of(role) + " RESET " + parameter(key)));
      }
    }
    for (Map.Entry<Key, String> setting : wanted.entrySet()) {
      Key key = setting.getKey();
      if (!setting.getValue().equals(now.get(key))) {
        changes.add(
            new Change(
                key,
                "%s SET %s TO %s"
                    .formatted(key.of(role), parameter(key), value(key, setting.getValue()))));
      }
    }
    return changes;
  }

  private static void write(Session session, List<Change> changes) throws SQLException {
    for (Change change : changes) {
      try {
        session.execute(change.statement());
      } catch (SQLException e) {
        if (!INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
          throw e;
        }
        throw notPermitted(change, e);
      }
    }
  }

  /**
   * Refuses what writing would be refused, and changes nothing.
   *
   * @param both whether the base is given the settings of the twin too
   */
  void requirePermitted(Session session, UserNames names, boolean both) throws SQLException {
    List<Change> changes = new ArrayList<>();
    if (both) {
      changes.addAll(changes(names.base(), base, ofBoth()));
    }
    changes.addAll(changes(names.twin(), twin, wantedOfTwin(names, both ? ofBoth() : base)));
    for (Change change : changes) {
      if (!isPermitted(session, change.key().parameter())) {
        throw notPermitted(change, null);
      }
    }
  }

  /** Whether the session's role may set a parameter, as ALTER ROLE checks it. */
  private static boolean isPermitted(Session session, String parameter) throws SQLException {
    String granted =
        session.majorVersion() >= FIRST_WITH_GRANTS
            ? "has_parameter_privilege(current_user, asked.name, 'SET')"
            : "false";
    return session
        .rows(
            """
            SELECT r.rolsuper OR %s
                   -- Parameters such as role are hidden, and anybody may set them.
                   OR CASE WHEN s.name IS NULL THEN strpos(asked.name, '.') = 0
                        ELSE s.context NOT IN ('superuser', 'superuser-backend') END
            FROM (SELECT ?::text AS name) asked JOIN pg_roles r ON r.rolname = current_user
                 LEFT JOIN pg_settings s ON s.name = lower(asked.name)
            """
                .formatted(granted),
            parameter)
        .get(0)[0]
        .equals("t");
  }

  private static RotationException notPermitted(Change change, SQLException cause) {
    // For example a parameter of an application: only a superuser may set it without a grant.
    return new RotationException(
        "Nothing was changed: the admin may not set \"%s\", which the user it rotates has set. Have a superuser run: %s; or, from PostgreSQL 15 on: GRANT SET ON PARAMETER %s TO the admin"
            .formatted(change.key().parameter(), change.statement(), parameter(change.key())),
        cause);
  }

  /** A parameter of an extension or an application has a point in its name. */
  private static String parameter(Key key) {
    return Arrays.stream(key.parameter().split("\\.", -1))
        .map(Sql::name)
        .collect(Collectors.joining("."));
  }

  private static String value(Key key, String value) {
    if (!NAME_LISTS.contains(key.parameter())) {
      return Sql.literal(value);
    }
    List<String> names = names(value);
    return names.isEmpty()
        ? "''"
        : names.stream().map(Sql::literal).collect(Collectors.joining(", "));
  }

  /** The names of a list such as {@code "$user", public}. */
  private static List<String> names(String list) {
    List<String> names = new ArrayList<>();
    StringBuilder name = new StringBuilder();
    boolean quoted = false;
    boolean any = false;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      if (c == '"') {
        if (quoted && i + 1 < list.length() && list.charAt(i + 1) == '"') {
          name.append(c);
          i++;
        } else {
          quoted = !quoted;
          any = true;
        }
      } else if (c == ',' && !quoted) {
        names.add(name.toString());
        name.setLength(0);
        any = false;
      } else if (quoted || !Character.isWhitespace(c)) {
        name.append(c);
        any = true;
      }
    }
    if (any) {
      names.add(name.toString());
    }
    return names;
  }
}
