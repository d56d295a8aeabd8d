package io.keyturn.rotator.role;

import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Reads what the twin owns or was granted in one database, with the statements that hand it over to
 * the base.
 *
 * <p>The queries start from pg_shdepend, so that the objects of other roles cost no time.
 */
public final class TwinRights {
  private TwinRights() {}

  /**
   * A privilege of the twin, or an object that it owns.
   *
   * @param give the statement that gives it to the base; null if the base has it, or cannot have it
   * @param take the statement that takes it from the twin, which keeps it through the base; null if
   *     nothing is to be taken
   * @param who a role that may run them
   * @param executor the session that may run them; null if neither may
   * @param oid of the object
   * @param key tells apart the rights on one object
   */
  record Right(String give, String take, String who, Executor executor, String oid, String key) {
    /** The statements, in an order in which no role lacks anything between them. */
    List<String> statements() {
      return Stream.of(give, take).filter(Objects::nonNull).toList();
    }
  }

  /** The session that runs the statements. */
  enum Executor {
    ADMIN,
    TWIN
  }

  /**
   * A kind of rights.
   *
   * @param batch how many are handed over in one transaction
   * @param reader reads those that the twin has
   */
  record Kind(int batch, Reader reader) {
    static final Kind MEMBERSHIPS = new Kind(MANY, TwinRights::memberships);
    static final Kind GRANTS = new Kind(MANY, TwinRights::grants);
    static final Kind OWNED = new Kind(FEW, TwinRights::owned);
    static final Kind OWNED_TOGETHER = new Kind(FEW, TwinRights::ownedTogether);
    static final Kind UNSHARED = new Kind(FEW, TwinRights::unshared);
    static final Kind DEFAULT_PRIVILEGES = new Kind(MANY, TwinRights::defaultPrivileges);
    static final Kind POLICIES = new Kind(FEW, TwinRights::policies);
    static final Kind USER_MAPPINGS = new Kind(FEW, TwinRights::userMappings);

    List<Right> read(Session session, UserNames names, Scope scope) throws SQLException {
      return reader.read(session, names, scope);
    }
  }

  /** For statements that do not lock their object against its use. */
  private static final int MANY = 500;

  /** For statements that lock their object until the end of the transaction. */
  private static final int FEW = 100;

  @FunctionalInterface
  interface Reader {
    List<Right> read(Session session, UserNames names, Scope scope) throws SQLException;
  }

  /**
   * Which objects to read.
   *
   * @param shared whether shared objects too, which are in no database
   * @param oids only these, as the text of an array; null for all
   */
  record Scope(boolean shared, String oids) {}

  /**
   * The databases in which anything is left to hand over, read from the shared catalogs. Shared
   * objects count for the current database.
   */
  public static List<String> databases(Session session, UserNames names) throws SQLException {
    return session
        .rows(
            """
            SELECT coalesce(d.datname, current_database())
            FROM pg_roles r JOIN pg_shdepend s ON s.refobjid = r.oid LEFT JOIN pg_database d ON d.oid = s.dbid
            WHERE r.rolname = ? AND s.refclassid = 'pg_authid'::regclass AND s.deptype IN ('a', 'o', 'r')
              AND s.classid <> 'pg_auth_members'::regclass AND coalesce(d.datallowconn, true)
            UNION
            SELECT current_database()
            FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid
                 JOIN pg_roles o ON o.oid = m.roleid
            WHERE r.rolname = ? AND o.rolname <> ?
            ORDER BY 1
            """,
            names.twin(),
            names.twin(),
            names.base())
        .stream()
        .map(row -> row[0])
        .toList();
  }

  private static final String USERS =
      """
      WITH users AS (
        SELECT base.oid AS base, twin.oid AS twin, me.oid AS me, me.rolsuper AS super,
               quote_ident(base.rolname) AS base_name, quote_ident(twin.rolname) AS twin_name
        FROM pg_roles base, pg_roles twin, pg_roles me
        WHERE base.rolname = ? AND twin.rolname = ? AND me.rolname = current_user
      )
      """;

  /** The entries of pg_shdepend for what the twin owns ('o') or has a grant on ('a'). */
  private static final String DEPENDENCIES =
      """
      , bonds AS (
        SELECT s.classid, s.objid, s.objsubid, s.deptype, u.*
        FROM users u JOIN pg_shdepend s ON s.refobjid = u.twin
        WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype IN ('a', 'o')
          AND (s.dbid = 0 AND ?::bool OR s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()))
      """;

  private static final String ALL = "AND ?::oid[] IS NULL\n";

  /** PostgreSQL hashes a subquery, but it may compare each row with each element of an array. */
  private static final String SOME = "AND s.objid IN (SELECT unnest(?::oid[]))\n";

  /** The objects of these entries, with their owner and grants. */
  private static final String OBJECTS =
      """
      ), objects AS (
        SELECT b.*, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
               CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS code,
               format('%I.%I', n.nspname, c.relname) AS name, c.relowner AS owner, NULL::name AS attribute,
               c.relacl AS acl,
               -- The sequence of a column follows its table.
               NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = b.classid AND d.objid = b.objid
                             AND d.refclassid = b.classid AND d.refobjsubid <> 0 AND d.deptype IN ('a', 'i')
                             AND c.relkind = 'S') AS movable
        FROM bonds b JOIN pg_class c ON b.classid = 'pg_class'::regclass AND c.oid = b.objid
             JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE b.objsubid = 0 AND n.nspname !~ '^pg_temp_'
        UNION ALL
        SELECT b.*, 'TABLE', 'c', format('%I.%I', n.nspname, c.relname), c.relowner, a.attname, a.attacl, false
        FROM bonds b JOIN pg_class c ON b.classid = 'pg_class'::regclass AND c.oid = b.objid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = b.objsubid
        WHERE b.objsubid > 0 AND n.nspname !~ '^pg_temp_'
        UNION ALL
        SELECT b.*, 'ROUTINE', 'f', (pg_identify_object(b.classid, b.objid, 0)).identity, p.proowner, NULL,
               p.proacl, true
        FROM bonds b JOIN pg_proc p ON b.classid = 'pg_proc'::regclass AND p.oid = b.objid
             JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^pg_temp_'
        UNION ALL
        SELECT b.*, 'TYPE', 'T', format('%I.%I', n.nspname, t.typname), t.typowner, NULL, t.typacl, true
        FROM bonds b JOIN pg_type t ON b.classid = 'pg_type'::regclass AND t.oid = b.objid
             JOIN pg_namespace n ON n.oid = t.typnamespace
        -- A multirange follows its range.
        WHERE n.nspname !~ '^pg_temp_' AND t.typtype <> 'm'
        UNION ALL
        SELECT b.*, 'SCHEMA', 'n', quote_ident(n.nspname), n.nspowner, NULL, n.nspacl, true
        FROM bonds b JOIN pg_namespace n ON b.classid = 'pg_namespace'::regclass AND n.oid = b.objid
        UNION ALL
        SELECT b.*, 'LANGUAGE', 'l', quote_ident(l.lanname), l.lanowner, NULL, l.lanacl, true
        FROM bonds b JOIN pg_language l ON b.classid = 'pg_language'::regclass AND l.oid = b.objid
        UNION ALL
        SELECT b.*, 'FOREIGN DATA WRAPPER', 'F', quote_ident(w.fdwname), w.fdwowner, NULL, w.fdwacl, true
        FROM bonds b JOIN pg_foreign_data_wrapper w
             ON b.classid = 'pg_foreign_data_wrapper'::regclass AND w.oid = b.objid
        UNION ALL
        SELECT b.*, 'FOREIGN SERVER', 'S', quote_ident(f.srvname), f.srvowner, NULL, f.srvacl, true
        FROM bonds b JOIN pg_foreign_server f ON b.classid = 'pg_foreign_server'::regclass AND f.oid = b.objid
        UNION ALL
        SELECT b.*, 'LARGE OBJECT', 'L', o.oid::text, o.lomowner, NULL, o.lomacl, true
        FROM bonds b JOIN pg_largeobject_metadata o ON b.classid = 'pg_largeobject'::regclass AND o.oid = b.objid
        UNION ALL
        SELECT b.*, 'DATABASE', 'd', quote_ident(d.datname), d.datdba, NULL, d.datacl, true
        FROM bonds b JOIN pg_database d ON b.classid = 'pg_database'::regclass AND d.oid = b.objid
        UNION ALL
        SELECT b.*, 'TABLESPACE', 't', quote_ident(t.spcname), t.spcowner, NULL, t.spcacl, true
        FROM bonds b JOIN pg_tablespace t ON b.classid = 'pg_tablespace'::regclass AND t.oid = b.objid
      """;

  /** The first version in which parameters have grants. */
  private static final int PARAMETER_GRANTS = 15;

  /** Parameters belong to the superuser that initdb created. */
  private static final String PARAMETERS =
      """
      UNION ALL
      SELECT b.*, 'PARAMETER', 'p', p.parname, 10, NULL, p.paracl, false
      FROM bonds b JOIN pg_parameter_acl p ON b.classid = 'pg_parameter_acl'::regclass AND p.oid = b.objid
      """;

  private static List<Right> ofObjects(Session session, UserNames names, Scope scope, String select)
      throws SQLException {
    String sql =
        USERS
            + DEPENDENCIES
            + (scope.oids() == null ? ALL : SOME)
            + OBJECTS
            + (session.majorVersion() >= PARAMETER_GRANTS ? PARAMETERS : "")
            + ")\n"
            + select;
    return rights(
        session.rows(
            sql, names.base(), names.twin(), String.valueOf(scope.shared()), scope.oids()));
  }

  private static List<Right> ofUsers(Session session, UserNames names, String select)
      throws SQLException {
    return rights(session.rows(USERS + select, names.base(), names.twin()));
  }

  /**
   * Grants to the twin. The base gets those that it lacks. All are taken from the twin, because its
   * own grant would outlast a REVOKE from the base.
   */
  private static List<Right> grants(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofObjects(
        session,
        names,
        scope,
        """
        SELECT CASE WHEN g.missing THEN
                 format('GRANT %s ON %s %s TO %s%s', g.privileges, kind, name, base_name,
                   CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) END,
               format('REVOKE %s ON %s %s FROM %s', g.privileges, kind, name, twin_name),
               pg_get_userbyid(g.grantor),
               CASE WHEN super OR pg_has_role(me, o.owner, 'USAGE') OR pg_has_role(me, g.grantor, 'USAGE') THEN 'ADMIN'
                 WHEN g.is_grantable OR pg_has_role(twin, o.owner, 'USAGE') THEN 'TWIN' END,
               objid, concat_ws(' ', classid, objsubid, g.grantor, g.is_grantable)
        FROM objects o, LATERAL (
          SELECT e.grantor, e.is_grantable, e.missing,
                 string_agg(e.privilege_type || CASE WHEN o.attribute IS NULL THEN ''
                              ELSE format(' (%I)', o.attribute) END, ', ' ORDER BY e.privilege_type) AS privileges
          FROM (
            SELECT x.*, NOT EXISTS (
                     SELECT FROM aclexplode(o.acl) y
                     WHERE y.grantee = o.base AND y.privilege_type = x.privilege_type
                       AND (y.is_grantable OR NOT x.is_grantable))
                     -- An owner needs no grant.
                     AND o.owner <> o.base AS missing
            FROM aclexplode(o.acl) x WHERE x.grantee = o.twin) e
          GROUP BY e.grantor, e.is_grantable, e.missing) g
        WHERE o.deptype = 'a'
        ORDER BY classid, objid, objsubid
        """);
  }

  /** Objects of the twin that the base may not use like an owner: they are shared with it. */
  private static List<Right> unshared(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofObjects(
        session,
        names,
        scope,
        """
        SELECT format('GRANT ALL ON %s %s TO %s WITH GRANT OPTION', kind, name, base_name), NULL, twin_name,
               'TWIN', objid, classid
        FROM objects o
        WHERE deptype = 'o' AND EXISTS (
          SELECT FROM aclexplode(acldefault(code::"char", owner)) x
          WHERE x.grantee = owner AND NOT EXISTS (
            SELECT FROM aclexplode(acl) y
            WHERE y.grantee = base AND y.privilege_type = x.privilege_type AND y.is_grantable))
        ORDER BY classid, objid
        """);
  }

  /** Objects that the twin owns, and that the base is to own. */
  private static List<Right> owned(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofObjects(
        session,
        names,
        scope,
        """
        SELECT format('ALTER %s %s OWNER TO %s', CASE kind WHEN 'SEQUENCE' THEN 'TABLE'
                 WHEN 'FOREIGN SERVER' THEN 'SERVER' ELSE kind END, name, base_name),
               NULL, twin_name, 'TWIN', objid, classid::text,
               -- The base can own what is in a schema only if it may create there.
               CASE kind WHEN 'SCHEMA' THEN 1 ELSE 2 END AS turn
        FROM objects WHERE deptype = 'o' AND movable
        UNION ALL
        SELECT CASE i.type
                 -- The one kind of object without an OWNER TO of its own.
                 WHEN 'extension' THEN format('REASSIGN OWNED BY %s TO %s', twin_name, base_name)
                 ELSE format('ALTER %s %s OWNER TO %s', CASE i.type WHEN 'statistics object' THEN 'STATISTICS'
                   ELSE upper(i.type) END, i.identity, base_name) END,
               NULL, twin_name, 'TWIN', objid, classid::text,
               CASE i.type WHEN 'extension' THEN 4 ELSE 3 END
        FROM bonds, pg_identify_object(classid, objid, 0) i
        WHERE deptype = 'o' AND classid IN (
          'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_collation'::regclass,
          'pg_conversion'::regclass, 'pg_statistic_ext'::regclass, 'pg_ts_dict'::regclass,
          'pg_ts_config'::regclass, 'pg_publication'::regclass, 'pg_subscription'::regclass,
          'pg_event_trigger'::regclass, 'pg_extension'::regclass)
        UNION ALL
        -- Before 17, a multirange keeps its owner when its range gets another.
        SELECT format('REASSIGN OWNED BY %s TO %s', twin_name, base_name), NULL, twin_name, 'TWIN', objid,
               classid::text, 4
        FROM bonds JOIN pg_type t ON classid = 'pg_type'::regclass AND t.oid = objid
        WHERE deptype = 'o' AND t.typtype = 'm' AND current_setting('server_version_num')::int < 170000
        ORDER BY turn, 1
        """);
  }

  /**
   * All that the twin still owns, in one statement. Unlike ALTER TABLE, REASSIGN OWNED needs no
   * CREATE on the schema, but it moves everything or nothing.
   */
  private static List<Right> ownedTogether(Session session, UserNames names, Scope scope)
      throws SQLException {
    List<Right> owned = owned(session, names, new Scope(scope.shared(), null));
    return owned.isEmpty()
        ? owned
        : List.of(
            new Right(
                "REASSIGN OWNED BY %s TO %s"
                    .formatted(Sql.name(names.twin()), Sql.name(names.base())),
                null,
                names.twin(),
                owned.get(0).executor(),
                "0",
                "all"));
  }

  /**
   * Default privileges: those that other roles grant the twin on what they will create, and the
   * twin's own, since from now on the base creates objects in its place.
   */
  private static List<Right> defaultPrivileges(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofUsers(
        session,
        names,
        """
        , defaults AS (
          SELECT u.*, d.oid, d.defaclrole AS owner, d.defaclnamespace AS namespace, d.defaclobjtype AS code,
                 d.defaclacl AS acl,
                 CASE WHEN n.nspname IS NULL THEN '' ELSE format(' IN SCHEMA %I', n.nspname) END AS place,
                 CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                   WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS kinds,
                 -- Without a schema, the listed privileges replace the built-in ones.
                 CASE WHEN d.defaclnamespace = 0
                   THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)
                   END AS built_in,
                 coalesce(
                   (SELECT e.defaclacl FROM pg_default_acl e WHERE e.defaclrole = u.base
                      AND e.defaclnamespace = d.defaclnamespace AND e.defaclobjtype = d.defaclobjtype),
                   CASE WHEN d.defaclnamespace = 0
                     THEN acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, u.base)
                     END) AS of_base
          FROM users u, pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
        ), changes AS (
          SELECT d.*, x.grantee, x.privilege_type AS privilege, x.is_grantable AS grantable, true AS granted,
                 CASE WHEN d.owner = d.twin
                   THEN x.grantee <> d.base AND NOT EXISTS (
                     SELECT FROM aclexplode(d.of_base) y WHERE y.grantee = x.grantee
                       AND y.privilege_type = x.privilege_type AND (y.is_grantable OR NOT x.is_grantable))
                   ELSE d.owner <> d.base AND NOT EXISTS (
                     SELECT FROM aclexplode(d.acl) y WHERE y.grantee = d.base
                       AND y.privilege_type = x.privilege_type AND (y.is_grantable OR NOT x.is_grantable))
                 END AS missing
          FROM defaults d, aclexplode(d.acl) x
          WHERE x.grantee <> d.owner AND d.twin IN (d.owner, x.grantee)
            AND NOT EXISTS (SELECT FROM aclexplode(d.built_in) y WHERE y.grantee = x.grantee
              AND y.privilege_type = x.privilege_type AND y.is_grantable = x.is_grantable)
          UNION ALL
          SELECT d.*, x.grantee, x.privilege_type, false, false, EXISTS (
                   SELECT FROM aclexplode(d.of_base) y WHERE y.grantee = x.grantee
                     AND y.privilege_type = x.privilege_type)
          FROM defaults d, aclexplode(d.built_in) x
          WHERE d.owner = d.twin AND x.grantee <> d.owner AND NOT EXISTS (
            SELECT FROM aclexplode(d.acl) y WHERE y.grantee = x.grantee AND y.privilege_type = x.privilege_type)
        )
        SELECT CASE WHEN missing THEN
                 format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s %s %s ON %s %s %s%s',
                   pg_get_userbyid(CASE owner WHEN twin THEN base ELSE owner END), place,
                   CASE WHEN granted THEN 'GRANT' ELSE 'REVOKE' END, privilege, kinds,
                   CASE WHEN granted THEN 'TO' ELSE 'FROM' END,
                   CASE WHEN grantee = 0 THEN 'PUBLIC'
                     ELSE quote_ident(pg_get_userbyid(CASE grantee WHEN twin THEN base ELSE grantee END)) END,
                   CASE WHEN grantable THEN ' WITH GRANT OPTION' ELSE '' END) END,
               format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s %s %s ON %s %s %s',
                 pg_get_userbyid(owner), place,
                 CASE WHEN granted THEN 'REVOKE' ELSE 'GRANT' END, privilege, kinds,
                 CASE WHEN granted THEN 'FROM' ELSE 'TO' END,
                 CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END),
               pg_get_userbyid(owner),
               CASE WHEN pg_has_role(twin, owner, 'USAGE') THEN 'TWIN'
                 WHEN super OR pg_has_role(me, owner, 'USAGE') THEN 'ADMIN' END,
               oid, concat_ws(' ', grantee, privilege, granted)
        FROM changes
        ORDER BY 2
        """);
  }

  /**
   * Memberships of the twin, with their options, which PostgreSQL has since 16.
   *
   * <p>The columns of the options are read through JSON, since a query that names them fails before
   * 16; of the two users alone, since those of all may be thousands.
   */
  private static List<Right> memberships(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofUsers(
        session,
        names,
        """
        , memberships AS (
          SELECT m.roleid, m.member, m.grantor, m.admin_option AS admin,
                 (to_jsonb(m) ->> 'inherit_option')::bool AS inherit,
                 (to_jsonb(m) ->> 'set_option')::bool AS set
          FROM users u JOIN pg_auth_members m ON m.member IN (u.base, u.twin)
        )
        SELECT CASE WHEN NOT EXISTS (
                   SELECT FROM memberships b
                   WHERE b.roleid = m.roleid AND b.member = u.base
                     AND b.admin >= m.admin AND coalesce(b.inherit >= m.inherit AND b.set >= m.set, true))
                 THEN format('GRANT %I TO %s', pg_get_userbyid(m.roleid), base_name)
                   || CASE WHEN m.set IS NOT NULL
                        THEN format(' WITH ADMIN %s, INHERIT %s, SET %s', m.admin::text, m.inherit::text, m.set::text)
                        WHEN m.admin THEN ' WITH ADMIN OPTION' ELSE '' END END,
               format('REVOKE %I FROM %s', pg_get_userbyid(m.roleid), twin_name),
               pg_get_userbyid(m.grantor), 'ADMIN', m.roleid, m.grantor
        FROM users u JOIN memberships m ON m.member = u.twin
        WHERE m.roleid <> u.base
        ORDER BY 2
        """);
  }

  /**
   * Row security policies for the twin, which no grant widens: they become policies for the base.
   */
  private static List<Right> policies(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofUsers(
        session,
        names,
        """
        , policies AS (
          SELECT u.*, p.oid, p.polroles, c.relowner AS owner,
                 format('ALTER POLICY %I ON %I.%I TO ', p.polname, n.nspname, c.relname) AS alter,
                 (SELECT coalesce(string_agg(quote_ident(r.rolname) || ', ', '' ORDER BY r.rolname), '')
                  FROM pg_roles r WHERE r.oid = ANY (p.polroles) AND r.oid NOT IN (u.base, u.twin)) || base_name AS roles
          FROM users u, pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE u.twin = ANY (p.polroles)
        )
        SELECT CASE WHEN base <> ALL (polroles) THEN alter || roles || ', ' || twin_name END, alter || roles,
               pg_get_userbyid(owner),
               CASE WHEN pg_has_role(twin, owner, 'USAGE') THEN 'TWIN'
                 WHEN super OR pg_has_role(me, owner, 'USAGE') THEN 'ADMIN' END,
               oid, 'policy'
        FROM policies
        ORDER BY 2
        """);
  }

  /** User mappings of the twin. Only their owner sees their options, so they can only be named. */
  private static List<Right> userMappings(Session session, UserNames names, Scope scope)
      throws SQLException {
    return ofUsers(
        session,
        names,
        """
        SELECT format('CREATE USER MAPPING FOR %s SERVER %I OPTIONS (...)', base_name, m.srvname), NULL,
               pg_get_userbyid(s.srvowner), NULL, m.umid, 'mapping'
        FROM users, pg_user_mappings m JOIN pg_foreign_server s ON s.oid = m.srvid
        WHERE m.umuser = twin
          AND NOT EXISTS (SELECT FROM pg_user_mappings o WHERE o.srvid = m.srvid AND o.umuser IN (0, base))
        ORDER BY 1
        """);
  }

  /** Transactions that the twin has prepared: unlike a superuser, the base may not finish them. */
  static List<String> preparedTransactions(Session session, UserNames names) throws SQLException {
    return session
        .rows(
            """
            SELECT format('COMMIT PREPARED %1$L or ROLLBACK PREPARED %1$L', x.gid)
            FROM pg_prepared_xacts x JOIN pg_roles base ON NOT base.rolsuper
            WHERE x.owner = ? AND base.rolname = ? AND x.database = current_database()
            ORDER BY x.prepared
            """,
            names.twin(), names.base())
        .stream()
        .map(row -> row[0])
        .toList();
  }

  private static List<Right> rights(List<String[]> rows) {
    return rows.stream()
        .map(
            row ->
                new Right(
                    row[0],
                    row[1],
                    row[2],
                    row[3] == null ? null : Executor.valueOf(row[3]),
                    row[4],
                    row[5]))
        .toList();
  }
}
