package io.keyturn.rotator.role;

import io.keyturn.rotator.invocation.RotationException;
import java.sql.SQLException;
import java.util.List;

/**
 * Checks that two existing roles are one user with two logins, and not two users whose names happen
 * to differ by {@code _clone}.
 *
 * <p>The twin of AWS's template and of Keyturn is a member of its base and may become it. The role
 * that granted the membership could have set the twin's password too. That matters up to PostgreSQL
 * 15, where any role may grant itself: without this condition, a base could take over a role with a
 * twin's name.
 */
public final class RolePair {
  private RolePair() {}

  /**
   * Requires that the two roles, if both exist, belong together.
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
                    : "the role that made it a member of %s could not have set its password%s"
                        .formatted(
                            base, facts.sixteenOrLater() ? ", or it may not SET ROLE to it" : ""),
                Sql.name(facts.admin()),
                mustBeRenewed ? "REVOKE %s FROM %s; ".formatted(base, twin) : ""));
  }
}
