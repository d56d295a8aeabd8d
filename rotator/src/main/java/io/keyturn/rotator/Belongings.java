package io.keyturn.rotator;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The SQL that finds, in one database, what belongs or was granted to the twin and not yet to the
 * base.
 */
final class Belongings {
  private Belongings() {}

  /**
   * A grant to the twin that the base lacks.
   *
   * @param statement gives it to the base
   * @param who may run the statement: the owner of the object, as far as is known
   */
  record Grant(String statement, String who) {}

  /**
   * The databases in which anything depends on the twin, as the shared catalog tells from any of
   * them.
   */
  static List<String> databases(Session session, String twin) throws SQLException {
    return firstColumn(
        session.rows(
            """
            SELECT DISTINCT coalesce(d.datname, current_database())
            FROM pg_shdepend s
                 JOIN pg_roles r ON r.oid = s.refobjid
                 LEFT JOIN pg_database d ON d.oid = s.dbid
            WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname = ?
              -- A membership is the bond itself, and needs no mending.
              AND s.classid <> 'pg_auth_members'::regclass
            ORDER BY 1
            """,
            twin));
  }

  /** Whether the twin owns anything here that REASSIGN OWNED moves. */
  static boolean ownsAnything(Session session, String twin) throws SQLException {
    return !session
        .rows(
            """
            SELECT 1
            FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
            WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND r.rolname = ?
              AND s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
              AND s.classid <> 'pg_default_acl'::regclass
            LIMIT 1
            """,
            twin)
        .isEmpty();
  }

  /** Grants on objects, of every kind that has grants. */
  static List<Grant> grants(Session session, UserNames names) throws SQLException {
    return toGrants(
        session.rows(
            """
            WITH users AS (
              SELECT base.oid AS base, twin.oid AS twin, quote_ident(base.rolname) AS name
              FROM pg_roles base, pg_roles twin WHERE base.rolname = ? AND twin.rolname = ?
            ), acls (classid, objid, attribute, acl) AS (
              SELECT 'pg_class'::regclass, oid, NULL::name, relacl FROM pg_class
              UNION ALL SELECT 'pg_class'::regclass, attrelid, attname, attacl FROM pg_attribute
              UNION ALL SELECT 'pg_namespace'::regclass, oid, NULL, nspacl FROM pg_namespace
              UNION ALL SELECT 'pg_proc'::regclass, oid, NULL, proacl FROM pg_proc
              UNION ALL SELECT 'pg_type'::regclass, oid, NULL, typacl FROM pg_type
              UNION ALL SELECT 'pg_language'::regclass, oid, NULL, lanacl FROM pg_language
              UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, NULL, fdwacl FROM pg_foreign_data_wrapper
              UNION ALL SELECT 'pg_foreign_server'::regclass, oid, NULL, srvacl FROM pg_foreign_server
              UNION ALL SELECT 'pg_largeobject'::regclass, oid, NULL, lomacl FROM pg_largeobject_metadata
              UNION ALL SELECT 'pg_database'::regclass, oid, NULL, datacl FROM pg_database
              UNION ALL SELECT 'pg_tablespace'::regclass, oid, NULL, spcacl FROM pg_tablespace
            )
            SELECT format('GRANT %s%s ON %s %s TO %s%s',
                     g.privilege_type,
                     CASE WHEN a.attribute IS NULL THEN '' ELSE format(' (%I)', a.attribute) END,
                     CASE o.type
                       WHEN 'view' THEN 'TABLE' WHEN 'materialized view' THEN 'TABLE'
                       WHEN 'foreign table' THEN 'TABLE' WHEN 'aggregate' THEN 'FUNCTION'
                       WHEN 'server' THEN 'FOREIGN SERVER' ELSE upper(o.type) END,
                     o.identity, u.name,
                     CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END),
                   pg_get_userbyid(g.grantor)
            FROM users u, acls a, aclexplode(a.acl) g, pg_identify_object(a.classid, a.objid, 0) o
            WHERE g.grantee = u.twin AND NOT EXISTS (
              SELECT 1 FROM aclexplode(a.acl) b
              WHERE b.grantee = u.base AND b.privilege_type = g.privilege_type
                AND (b.is_grantable OR NOT g.is_grantable))
            ORDER BY 1
            """,
            names.base(), names.twin()));
  }

  /** Default privileges that other roles give the twin on what they will make. */
  static List<Grant> defaultGrants(Session session, UserNames names) throws SQLException {
    return toGrants(
        session.rows(
            DEFAULTS.formatted(
                "d.defaclrole",
                "u.base",
                "g.grantee = u.twin AND d.defaclrole NOT IN (u.base, u.twin)",
                "b.grantee = u.base AND e.defaclrole = d.defaclrole"),
            names.base(),
            names.twin()));
  }

  /**
   * Default privileges on what the twin makes, which from now on the base will make in its place.
   */
  static List<Grant> ownDefaultGrants(Session session, UserNames names) throws SQLException {
    return toGrants(
        session.rows(
            DEFAULTS.formatted(
                "u.base",
                "g.grantee",
                "d.defaclrole = u.twin AND g.grantee NOT IN (u.base, u.twin)",
                "b.grantee = g.grantee AND e.defaclrole = u.base"),
            names.base(),
            names.twin()));
  }

  private static final String DEFAULTS =
      """
      WITH users AS (
        SELECT base.oid AS base, twin.oid AS twin
        FROM pg_roles base, pg_roles twin WHERE base.rolname = ? AND twin.rolname = ?
      )
      SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %%I%%s GRANT %%s ON %%s TO %%s%%s',
               pg_get_userbyid(%1$s),
               CASE WHEN n.nspname IS NULL THEN '' ELSE format(' IN SCHEMA %%I', n.nspname) END,
               g.privilege_type,
               CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                 WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
               CASE WHEN %2$s = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(%2$s)) END,
               CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END),
             pg_get_userbyid(d.defaclrole)
      FROM users u, pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace,
           aclexplode(d.defaclacl) g
      WHERE %3$s AND NOT EXISTS (
        SELECT 1 FROM pg_default_acl e, aclexplode(e.defaclacl) b
        WHERE e.defaclnamespace = d.defaclnamespace AND e.defaclobjtype = d.defaclobjtype
          AND %4$s AND b.privilege_type = g.privilege_type
          AND (b.is_grantable OR NOT g.is_grantable))
      ORDER BY 1
      """;

  /**
   * Memberships of the twin that the base lacks, with their options, which PostgreSQL has since 16.
   *
   * <p>The columns of the options are read through JSON, since a query that names them fails before
   * 16; of the two users alone, since those of all may be thousands.
   */
  static List<Grant> memberships(Session session, UserNames names) throws SQLException {
    return toGrants(
        session.rows(
            """
            WITH users AS (
              SELECT base.oid AS base, twin.oid AS twin, base.rolname AS name
              FROM pg_roles base, pg_roles twin WHERE base.rolname = ? AND twin.rolname = ?
            ), memberships AS (
              SELECT m.roleid, m.member, m.grantor, m.admin_option AS admin,
                     (to_jsonb(m) ->> 'inherit_option')::bool AS inherit,
                     (to_jsonb(m) ->> 'set_option')::bool AS set
              FROM users u JOIN pg_auth_members m ON m.member IN (u.base, u.twin)
            )
            SELECT format('GRANT %I TO %I', pg_get_userbyid(m.roleid), u.name)
                     || CASE WHEN m.set IS NOT NULL
                          THEN format(' WITH ADMIN %s, INHERIT %s, SET %s', m.admin::text, m.inherit::text, m.set::text)
                          WHEN m.admin THEN ' WITH ADMIN OPTION' ELSE '' END,
                   pg_get_userbyid(m.grantor)
            FROM users u JOIN memberships m ON m.member = u.twin
            WHERE m.roleid <> u.base AND NOT EXISTS (
                SELECT 1 FROM memberships b
                WHERE b.roleid = m.roleid AND b.member = u.base
                  AND b.admin >= m.admin AND coalesce(b.inherit >= m.inherit AND b.set >= m.set, true))
            ORDER BY 1
            """,
            names.base(), names.twin()));
  }

  /** Row security policies that are for the twin: no grant can widen them. */
  static List<Grant> policies(Session session, UserNames names) throws SQLException {
    return toGrants(
        session.rows(
            """
            SELECT format('ALTER POLICY %I ON %s TO %s', p.polname, p.polrelid::regclass,
                     (SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)
                      FROM pg_roles r WHERE r.oid = ANY (p.polroles || base.oid))),
                   pg_get_userbyid(c.relowner)
            FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid, pg_roles base, pg_roles twin
            WHERE base.rolname = ? AND twin.rolname = ?
              AND twin.oid = ANY (p.polroles) AND base.oid <> ALL (p.polroles)
            ORDER BY 1
            """,
            names.base(), names.twin()));
  }

  private static List<Grant> toGrants(List<String[]> rows) {
    List<Grant> grants = new ArrayList<>();
    rows.forEach(row -> grants.add(new Grant(row[0], row[1])));
    return grants;
  }

  private static List<String> firstColumn(List<String[]> rows) {
    List<String> column = new ArrayList<>();
    rows.forEach(row -> column.add(row[0]));
    return column;
  }
}
