package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.check.Level;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Retry;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.Sql;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.List;

/**
 * Creates the user of a new stack, whose secret has a generated password before the database has a
 * user for it. It does so only if CREATE_USER is set and the user does not exist.
 */
final class UserCreation {
  private final boolean wanted;
  private final List<String> memberships;

  /**
   * @param wanted CREATE_USER
   * @param memberships CREATE_USER_GRANTS: the roles that the user is made a member of
   */
  UserCreation(boolean wanted, List<String> memberships) {
    this.wanted = wanted;
    this.memberships = memberships;
  }

  boolean isWanted() {
    return wanted;
  }

  /** What a check tells of a user that does not exist, where it is to be created. */
  static void announce(String username, CheckReport report) {
    report.add(
        Level.TELLS,
        Code.NEW_USER,
        "user \"%s\" does not exist, and the rotation creates it".formatted(username),
        null);
  }

  /**
   * Creates the current version's user with its password, unless it or its twin exists.
   *
   * @return whether to try the refused login again: also if the user exists, since another delivery
   *     of this step may have created it meanwhile
   */
  boolean createIfMissing(
      Admin admin, UserNames names, DatabaseSecret current, Invocation invocation) {
    if (!wanted) {
      return false;
    }
    try (Session session = admin.open()) {
      boolean created =
          Retry.change(invocation)
              .run(() -> session.transaction(() -> create(session, names, current, invocation)));
      if (created) {
        invocation.info(
            "user \"%s\" was created at %s%s"
                .formatted(
                    current.username(),
                    admin.host(),
                    memberships.isEmpty()
                        ? ""
                        : ", a member of " + String.join(", ", memberships)));
      }
      return true;
    } catch (SQLException e) {
      throw new RotationException(
          "User \"%s\" of %s does not exist, and could not be created with %s: %s"
              .formatted(current.username(), current, admin, e.getMessage()),
          e);
    }
  }

  private boolean create(
      Session session, UserNames names, DatabaseSecret current, Invocation invocation)
      throws SQLException {
    RoleSql.lock(session, names.base());
    RoleFacts facts = RoleFacts.read(session, names);
    if (facts.base().exists() || facts.twin().exists()) {
      return false;
    }
    facts.requireAbleToRotate(List.of(facts.base(), facts.twin()));
    String user = Sql.name(current.username());
    session.execute("CREATE ROLE " + user + " LOGIN");
    for (String membership : memberships) {
      session.execute("GRANT " + Sql.name(membership) + " TO " + user);
    }
    RoleSql.changePassword(invocation, session, current);
    return true;
  }
}
