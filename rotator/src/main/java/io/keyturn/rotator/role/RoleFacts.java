package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the server knows of the admin, the base and the twin before anything is changed. */
public record RoleFacts(
    int version,
    String admin,
    boolean superuser,
    boolean mayCreateRoles,
    Role base,
    Role twin,
    boolean baseIsMemberOfTwin,
    boolean twinIsFullMemberOfBase) {

  private static final int POSTGRESQL_16 = 160000;

  /**
   * One of the two users.
   *
   * @param mayLogIn whether it has LOGIN
   * @param administered whether the admin has ADMIN OPTION on it, which PostgreSQL 16 requires
   * @param connectionLimit -1 where there is none
   * @param validUntil as PostgreSQL writes it
   * @param secondsValid until then, negative once it has passed; null where it never does
   * @param attributes of ALTER ROLE besides SUPERUSER and LOGIN, such as REPLICATION
   */
  public record Role(
      String name,
      boolean exists,
      boolean mayLogIn,
      boolean superuser,
      boolean administered,
      int connectionLimit,
      String validUntil,
      Double secondsValid,
      Set<String> attributes) {}

  /**
   * Reads them.
   *
   * <p>pg_has_role alone would be slow: it visits every role that the admin is a member of, which
   * includes all roles that it has created. The options of a membership are read through JSON,
   * since they are columns only since 16.
   */
  public static RoleFacts read(Session admin, UserNames names) throws SQLException {
    String[] row =
        admin
            .rows(
                """
                SELECT current_setting('server_version_num'), me.rolname, me.rolsuper, me.rolcreaterole,
                       coalesce(pg_has_role(base.oid, twin.oid, 'MEMBER'), false) AND NOT coalesce(base.rolsuper, false),
                       EXISTS (SELECT FROM pg_auth_members m
                               WHERE m.roleid = base.oid AND m.member = twin.oid
                                 AND coalesce((to_jsonb(m) ->> 'inherit_option')::bool, twin.rolinherit)
                                 AND coalesce((to_jsonb(m) ->> 'set_option')::bool, true)),
                """
                    + Stream.of("base", "twin")
                        .map(
                            role ->
                                """
                                %1$s.oid IS NOT NULL, coalesce(%1$s.rolcanlogin, false), coalesce(%1$s.rolsuper, false),
                                CASE WHEN EXISTS (SELECT FROM pg_auth_members m
                                                  WHERE m.roleid = %1$s.oid AND m.member = me.oid AND m.admin_option) THEN true
                                  ELSE coalesce(pg_has_role(me.oid, %1$s.oid, 'MEMBER WITH ADMIN OPTION'), false) END,
                                coalesce(%1$s.rolconnlimit, -1), coalesce(%1$s.rolvaliduntil, 'infinity'),
                                CASE WHEN %1$s.rolvaliduntil = '-infinity' THEN -1
                                  WHEN isfinite(%1$s.rolvaliduntil) THEN extract(epoch FROM %1$s.rolvaliduntil - now()) END,
                                concat_ws(',', CASE WHEN %1$s.rolreplication THEN 'REPLICATION' END,
                                  CASE WHEN %1$s.rolcreatedb THEN 'CREATEDB' END,
                                  CASE WHEN %1$s.rolcreaterole THEN 'CREATEROLE' END,
                                  CASE WHEN %1$s.rolbypassrls THEN 'BYPASSRLS' END)
                                """
                                    .formatted(role))
                        .collect(Collectors.joining(", "))
                    + """
                      FROM pg_roles me
                           LEFT JOIN pg_roles base ON base.rolname = ?
                           LEFT JOIN pg_roles twin ON twin.rolname = ?
                      WHERE me.rolname = current_user
                      """,
                names.base(),
                names.twin())
            .get(0);
    return new RoleFacts(
        Integer.parseInt(row[0]),
        row[1],
        isTrue(row[2]),
        isTrue(row[3]),
        role(names.base(), row, 6),
        role(names.twin(), row, 14),
        isTrue(row[4]),
        isTrue(row[5]));
  }

  private static Role role(String name, String[] row, int from) {
    return new Role(
        name,
        isTrue(row[from]),
        isTrue(row[from + 1]),
        isTrue(row[from + 2]),
        isTrue(row[from + 3]),
        Integer.parseInt(row[from + 4]),
        row[from + 5],
        row[from + 6] == null ? null : Double.valueOf(row[from + 6]),
        row[from + 7].isEmpty() ? Set.of() : Set.of(row[from + 7].split(",")));
  }

  boolean sixteenOrLater() {
    return version >= POSTGRESQL_16;
  }

  private static boolean isTrue(String bool) {
    return "t".equals(bool);
  }

  /**
   * Requires that the admin may do all that the rotation needs.
   *
   * @param users the roles that the rotation will change
   */
  public void requireAbleToRotate(List<Role> users) {
    List<String> missing = new ArrayList<>();
    if (!superuser && !mayCreateRoles) {
      missing.add("ALTER ROLE %s CREATEROLE".formatted(Sql.name(admin)));
    }
    for (Role user : users) {
      if (user.exists() && !user.mayLogIn()) {
        // Not done here: somebody may have disabled this user on purpose.
        missing.add("ALTER ROLE %s LOGIN".formatted(Sql.name(user.name())));
      }
      if (user.superuser() && !superuser) {
        missing.add("ALTER ROLE %s NOSUPERUSER".formatted(Sql.name(user.name())));
      } else if (!sixteenOrLater() && !superuser && user.attributes().contains("REPLICATION")) {
        // Before 16, only a superuser may change such a role.
        missing.add("ALTER ROLE %s NOREPLICATION".formatted(Sql.name(user.name())));
      } else if (sixteenOrLater() && !superuser && user.exists() && !user.administered()) {
        missing.add(
            "GRANT %s TO %s WITH ADMIN OPTION".formatted(Sql.name(user.name()), Sql.name(admin)));
      }
    }
    if (users.size() > 1 && twin.exists() && !base.exists()) {
      // The user's name ends like a twin's, but it never had a base.
      missing.add("CREATE ROLE %s LOGIN".formatted(Sql.name(base.name())));
    }
    if (users.size() > 1 && baseIsMemberOfTwin) {
      missing.add("REVOKE %s FROM %s".formatted(Sql.name(twin.name()), Sql.name(base.name())));
    }
    if (!missing.isEmpty()) {
      throw new RotationException(
          "Nothing was changed: the admin \"%s\" cannot rotate \"%s\" before a role with the right to do so has run: %s"
              .formatted(admin, base.name(), String.join("; ", missing)));
    }
  }
}
