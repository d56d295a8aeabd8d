package io.keyturn.rotator;

import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a server knows of its roles and databases, to see which of them a rotation changed. */
final class Catalog {
  private final Map<String, String> entries = new TreeMap<>();

  private Catalog() {}

  static Catalog read(TestPostgres postgres) throws SQLException {
    Catalog catalog = new Catalog();
    try (Connection connection = postgres.superuser()) {
      for (String[] row :
          TestSql.rows(
              connection,
              """
              SELECT 'role ' || rolname, to_jsonb(a)::text FROM pg_authid a
              UNION ALL
              SELECT 'database ' || datname,
                     (to_jsonb(d) - 'datfrozenxid' - 'datminmxid')::text FROM pg_database d
              UNION ALL
              SELECT 'settings ' || coalesce(rolname, 'of all'), jsonb_agg(s)::text
              FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole GROUP BY 1
              UNION ALL
              SELECT 'members ' || pg_get_userbyid(roleid), jsonb_agg(m ORDER BY member, grantor)::text
              FROM pg_auth_members m GROUP BY 1
              """)) {
        catalog.entries.put(row[0], row[1]);
      }
    }
    return catalog;
  }

  /** The entries that differ, such as {@code role app}. */
  Set<String> changesUntil(Catalog later) {
    Set<String> changed = new TreeSet<>(entries.keySet());
    changed.addAll(later.entries.keySet());
    changed.removeIf(
        key -> entries.getOrDefault(key, "").equals(later.entries.getOrDefault(key, "")));
    return changed;
  }
}
