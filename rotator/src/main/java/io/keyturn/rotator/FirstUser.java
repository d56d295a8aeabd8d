package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Creates the user of a new stack, whose secret has a generated password before the database has a
 * user for it; only where CREATE_USER asks for it, and only a user that does not exist.
 */
final class FirstUser {
  private final AdminLogin admin;
  private final boolean wanted;
  private final List<String> memberships;

  /**
   * @param wanted CREATE_USER
   * @param memberships CREATE_USER_GRANTS: the roles that the user is made a member of
   */
  FirstUser(AdminLogin admin, boolean wanted, List<String> memberships) {
    this.admin = admin;
    this.wanted = wanted;
    this.memberships = memberships;
  }

  /**
   * Creates the current version's user with its password.
   *
   * @return false if it exists, with another password than that, or nobody asked for this
   */
  boolean create(DatabaseSecret adminSecret, DatabaseSecret current, RotationLog log) {
    if (!wanted) {
      return false;
    }
    try (Connection session = admin.open(adminSecret, log)) {
      RoleFacts facts = RoleFacts.read(session, UserNames.of(current));
      if (facts.base().exists() || facts.twin().exists()) {
        return false;
      }
      facts.requireAbleToRotate(List.of(facts.base(), facts.twin()));
      session.setAutoCommit(false);
      String user = Sql.name(current.username());
      Sql.execute(session, "CREATE ROLE " + user + " LOGIN");
      for (String membership : memberships) {
        Sql.execute(session, "GRANT " + Sql.name(membership) + " TO " + user);
      }
      RoleSql.changePassword(session, current.username(), current.password());
      session.commit();
      log.info(
          "user \""
              + current.username()
              + "\" was created at "
              + adminSecret.host()
              + (memberships.isEmpty() ? "" : ", a member of " + String.join(", ", memberships)));
      return true;
    } catch (SQLException e) {
      throw new RotationException(
          "User \""
              + current.username()
              + "\" of "
              + current
              + " does not exist, and could not be created with "
              + adminSecret
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
