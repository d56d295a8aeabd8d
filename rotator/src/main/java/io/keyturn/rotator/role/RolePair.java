package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.List;

/**
 * Whether two roles that exist are one user with two logins, rather than two users of which one has
 * the other's name with {@code _clone} after it.
 *
 * <p>The twin of AWS's template and of Keyturn is a member of its base, may become it, and was made
 * so by a role that could have set the twin's password too. That last condition matters up to
 * PostgreSQL 15, where any role may grant itself: without it, the base could claim a twin.
 */
public final class RolePair {
  private RolePair() {}

  /**
   * Refuses two roles that do not belong together.
   *
   * @param admin a session that has changed nothing yet
   */
  public static void require(Session admin, UserNames names, RoleFacts facts) throws SQLException {
    if (!facts.base().exists() || !facts.twin().exists()) {
      return;
    }
    List<String[]> memberships =
        admin.rows(
            """
            SELECT %s(grantor.rolsuper
                OR pg_has_role(grantor.oid, twin.oid, 'MEMBER WITH ADMIN OPTION')%s)
            FROM pg_auth_members m
                 JOIN pg_roles base ON base.oid = m.roleid
                 JOIN pg_roles twin ON twin.oid = m.member
                 LEFT JOIN pg_roles grantor ON grantor.oid = m.grantor
            WHERE base.rolname = ? AND twin.rolname = ?
            """
                .formatted(
                    facts.sixteenOrLater() ? "m.set_option AND " : "",
                    facts.sixteenOrLater() ? "" : " OR grantor.rolcreaterole"),
            names.base(),
            names.twin());
    if (memberships.stream().anyMatch(row -> "t".equals(row[0]))) {
      return;
    }
    String base = Sql.name(names.base());
    String twin = Sql.name(names.twin());
    boolean mustBeRenewed = !memberships.isEmpty() && !facts.sixteenOrLater();
    throw new RotationException(
        ("Nothing was changed: roles %1$s and %2$s exist, but nothing proves that %2$s is a second"
                + " login of the same user: %3$s. If it is, run as the admin %4$s: %5$sGRANT %1$s TO"
                + " %2$s. If it is not, rename one of the two, or set ROTATION_STRATEGY to single")
            .formatted(
                base,
                twin,
                memberships.isEmpty()
                    ? "it is not a member of " + base
                    : "whoever made it a member of %s could not have set its password%s"
                        .formatted(
                            base, facts.sixteenOrLater() ? ", or it may not SET ROLE to it" : ""),
                Sql.name(facts.admin()),
                mustBeRenewed ? "REVOKE %s FROM %s; ".formatted(base, twin) : ""));
  }
}
