package io.keyturn.rotator.role;

import java.sql.SQLException;
import java.util.List;

/** Compares on the server what two roles may do in one database. */
final class Privileges {
  private Privileges() {}

  /**
   * What one role may do and another may not, such as {@code SELECT on table shop.orders}, read
   * with a session of any role.
   */
  static List<String> lacking(Session session, String role, String other) throws SQLException {
    String sql = session.majorVersion() >= PARAMETER_GRANTS ? SQL + PARAMETERS : SQL;
    return session.rows(sql + "ORDER BY 1", role, other).stream().map(row -> row[0]).toList();
  }

  private static final String SQL =
      """
      WITH r AS (
        SELECT a.oid AS a, b.oid AS b, b.rolbypassrls OR b.rolsuper AS b_sees_all, b.rolsuper AS b_is_super
        FROM pg_roles a, pg_roles b WHERE a.rolname = ? AND b.rolname = ?
      ), relations AS (
        SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_(toast|temp_)'
      )
      SELECT p || ' on table ' || c.name
      FROM r, relations c,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']
                  || CASE WHEN current_setting('server_version_num')::int >= 170000 THEN 'MAINTAIN' END::text) p
      WHERE c.relkind <> 'S' AND has_table_privilege(r.a, c.oid, p) AND NOT has_table_privilege(r.b, c.oid, p)
      UNION ALL
      SELECT format('%s (%I) on table %s', p, t.attname, c.name)
      FROM r, relations c JOIN pg_attribute t ON t.attrelid = c.oid,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p
      WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
        AND has_column_privilege(r.a, c.oid, t.attnum, p) AND NOT has_column_privilege(r.b, c.oid, t.attnum, p)
      UNION ALL
      SELECT p || ' on sequence ' || c.name
      FROM r, relations c, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p
      WHERE c.relkind = 'S' AND has_sequence_privilege(r.a, c.oid, p) AND NOT has_sequence_privilege(r.b, c.oid, p)
      UNION ALL
      SELECT 'all rows of table ' || c.name
      FROM r, relations c
      WHERE c.relrowsecurity AND NOT c.relforcerowsecurity AND NOT r.b_sees_all
        AND pg_has_role(r.a, c.relowner, 'USAGE') AND NOT pg_has_role(r.b, c.relowner, 'USAGE')
      UNION ALL
      SELECT format('policy %I on table %s', y.polname, c.name)
      FROM r, pg_policy y JOIN relations c ON c.oid = y.polrelid
      WHERE EXISTS (SELECT FROM unnest(y.polroles) m WHERE m <> 0 AND pg_has_role(r.a, m, 'USAGE'))
        AND NOT EXISTS (SELECT FROM unnest(y.polroles) m WHERE m = 0 OR pg_has_role(r.b, m, 'USAGE'))
      UNION ALL
      SELECT 'EXECUTE on function ' || f.oid::regprocedure
      FROM r, pg_proc f
      WHERE has_function_privilege(r.a, f.oid, 'EXECUTE') AND NOT has_function_privilege(r.b, f.oid, 'EXECUTE')
      UNION ALL
      SELECT 'USAGE on type ' || format_type(t.oid, NULL)
      FROM r, pg_type t
      WHERE t.typelem = 0 AND has_type_privilege(r.a, t.oid, 'USAGE') AND NOT has_type_privilege(r.b, t.oid, 'USAGE')
      UNION ALL
      SELECT format('%s on schema %I', p, n.nspname)
      FROM r, pg_namespace n, unnest(ARRAY['USAGE', 'CREATE']) p
      WHERE n.nspname !~ '^pg_(toast|temp_)'
        AND has_schema_privilege(r.a, n.oid, p) AND NOT has_schema_privilege(r.b, n.oid, p)
      UNION ALL
      SELECT format('%s on database %I', p, d.datname)
      FROM r, pg_database d, unnest(ARRAY['CONNECT', 'CREATE', 'TEMPORARY']) p
      WHERE has_database_privilege(r.a, d.oid, p) AND NOT has_database_privilege(r.b, d.oid, p)
      UNION ALL
      -- Before 18 no function tells the privileges on a large object. Thousands may have the same owner and grants.
      SELECT format('%s on large object %s', p, o.example) || CASE WHEN o.others > 0 THEN format(' and %s more', o.others) ELSE '' END
      FROM r, unnest(ARRAY['SELECT', 'UPDATE']) p,
           (SELECT lomowner, lomacl, min(oid) AS example, count(*) - 1 AS others
            FROM pg_largeobject_metadata GROUP BY lomowner, lomacl) o
      WHERE NOT r.b_is_super AND EXISTS (
        SELECT FROM aclexplode(coalesce(o.lomacl, acldefault('L', o.lomowner))) x
        WHERE x.privilege_type = p AND x.grantee <> 0 AND pg_has_role(r.a, x.grantee, 'USAGE'))
      AND NOT EXISTS (
        SELECT FROM aclexplode(coalesce(o.lomacl, acldefault('L', o.lomowner))) x
        WHERE x.privilege_type = p AND (x.grantee = 0 OR pg_has_role(r.b, x.grantee, 'USAGE')))
      UNION ALL
      SELECT format('USAGE on language %I', l.lanname)
      FROM r, pg_language l
      WHERE has_language_privilege(r.a, l.oid, 'USAGE') AND NOT has_language_privilege(r.b, l.oid, 'USAGE')
      UNION ALL
      SELECT format('USAGE on foreign-data wrapper %I', w.fdwname)
      FROM r, pg_foreign_data_wrapper w
      WHERE has_foreign_data_wrapper_privilege(r.a, w.oid, 'USAGE')
        AND NOT has_foreign_data_wrapper_privilege(r.b, w.oid, 'USAGE')
      UNION ALL
      SELECT format('USAGE on server %I', s.srvname)
      FROM r, pg_foreign_server s
      WHERE has_server_privilege(r.a, s.oid, 'USAGE') AND NOT has_server_privilege(r.b, s.oid, 'USAGE')
      UNION ALL
      SELECT format('its user mapping for server %I', m.srvname)
      FROM r, pg_user_mappings m
      WHERE m.umuser = r.a
        AND NOT EXISTS (SELECT FROM pg_user_mappings o WHERE o.srvid = m.srvid AND o.umuser IN (0, r.b))
      UNION ALL
      SELECT format('CREATE on tablespace %I', s.spcname)
      FROM r, pg_tablespace s
      WHERE has_tablespace_privilege(r.a, s.oid, 'CREATE') AND NOT has_tablespace_privilege(r.b, s.oid, 'CREATE')
      UNION ALL
      SELECT format('membership in %I', o.rolname)
      FROM r, pg_roles o
      WHERE o.oid <> r.a AND pg_has_role(r.a, o.oid, 'USAGE') AND NOT pg_has_role(r.b, o.oid, 'USAGE')
      """;

  /** The first version in which SET is granted on a parameter. */
  private static final int PARAMETER_GRANTS = 15;

  private static final String PARAMETERS =
      """
      UNION ALL
      SELECT format('%s on parameter %s', p, s.parname)
      FROM r, pg_parameter_acl s, unnest(ARRAY['SET', 'ALTER SYSTEM']) p
      WHERE has_parameter_privilege(r.a, s.parname, p) AND NOT has_parameter_privilege(r.b, s.parname, p)
      """;
}
