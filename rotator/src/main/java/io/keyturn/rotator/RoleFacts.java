package io.keyturn.rotator;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What the server says of the admin, the base and the twin before anything is changed. */
record RoleFacts(
    boolean sixteenOrLater,
    String admin,
    boolean superuser,
    boolean mayCreateRoles,
    Role base,
    Role twin,
    boolean baseIsMemberOfTwin) {

  /**
   * One of the two users.
   *
   * @param mayLogIn whether it has LOGIN
   * @param administered whether the admin has ADMIN OPTION on it, which PostgreSQL 16 asks for
   */
  record Role(
      String name, boolean exists, boolean mayLogIn, boolean superuser, boolean administered) {}

  /**
   * Reads them; pg_has_role alone would look through every role that the admin has, which are all
   * that it has made.
   */
  static RoleFacts read(Session admin, UserNames names) throws SQLException {
    String[] row =
        admin
            .rows(
                """
                SELECT current_setting('server_version_num')::int >= 160000,
                       me.rolname, me.rolsuper, me.rolcreaterole,
                       base.oid IS NOT NULL, coalesce(base.rolcanlogin, false), coalesce(base.rolsuper, false),
                       CASE WHEN EXISTS (SELECT FROM pg_auth_members m
                                         WHERE m.roleid = base.oid AND m.member = me.oid AND m.admin_option) THEN true
                         ELSE coalesce(pg_has_role(me.oid, base.oid, 'MEMBER WITH ADMIN OPTION'), false) END,
                       twin.oid IS NOT NULL, coalesce(twin.rolcanlogin, false), coalesce(twin.rolsuper, false),
                       CASE WHEN EXISTS (SELECT FROM pg_auth_members m
                                         WHERE m.roleid = twin.oid AND m.member = me.oid AND m.admin_option) THEN true
                         ELSE coalesce(pg_has_role(me.oid, twin.oid, 'MEMBER WITH ADMIN OPTION'), false) END,
                       coalesce(pg_has_role(base.oid, twin.oid, 'MEMBER'), false) AND NOT coalesce(base.rolsuper, false)
                FROM pg_roles me
                     LEFT JOIN pg_roles base ON base.rolname = ?
                     LEFT JOIN pg_roles twin ON twin.rolname = ?
                WHERE me.rolname = current_user
                """,
                names.base(),
                names.twin())
            .get(0);
    return new RoleFacts(
        isTrue(row[0]),
        row[1],
        isTrue(row[2]),
        isTrue(row[3]),
        role(names.base(), row, 4),
        role(names.twin(), row, 8),
        isTrue(row[12]));
  }

  private static Role role(String name, String[] row, int from) {
    return new Role(
        name,
        isTrue(row[from]),
        isTrue(row[from + 1]),
        isTrue(row[from + 2]),
        isTrue(row[from + 3]));
  }

  private static boolean isTrue(String bool) {
    return "t".equals(bool);
  }

  /**
   * Refuses to begin what the admin may not finish.
   *
   * @param users the roles that the rotation will change
   */
  void requireAbleToRotate(List<Role> users) {
    List<String> missing = new ArrayList<>();
    if (!superuser && !mayCreateRoles) {
      missing.add("ALTER ROLE " + Sql.name(admin) + " CREATEROLE");
    }
    for (Role user : users) {
      if (user.exists() && !user.mayLogIn()) {
        // Not done here: somebody may have shut this user out on purpose.
        missing.add("ALTER ROLE " + Sql.name(user.name()) + " LOGIN");
      }
      if (user.superuser() && !superuser) {
        missing.add("ALTER ROLE " + Sql.name(user.name()) + " NOSUPERUSER");
      } else if (sixteenOrLater && !superuser && user.exists() && !user.administered()) {
        missing.add(
            "GRANT " + Sql.name(user.name()) + " TO " + Sql.name(admin) + " WITH ADMIN OPTION");
      }
    }
    if (users.size() > 1 && twin.exists() && !base.exists()) {
      // Its name ends like a twin's, but it never was one.
      missing.add("CREATE ROLE " + Sql.name(base.name()) + " LOGIN");
    }
    if (users.size() > 1 && baseIsMemberOfTwin) {
      missing.add("REVOKE " + Sql.name(twin.name()) + " FROM " + Sql.name(base.name()));
    }
    if (!missing.isEmpty()) {
      throw new RotationException(
          "Nothing was changed: the admin \""
              + admin
              + "\" cannot rotate \""
              + base.name()
              + "\" before someone who may has run: "
              + String.join("; ", missing));
    }
  }
}
