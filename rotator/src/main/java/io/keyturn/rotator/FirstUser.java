package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.ConcurrentUpdates;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.Sql;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Creates the user of a new stack, whose secret has a generated password before the database has a
 * user for it; only where CREATE_USER asks for it, and only a user that does not exist.
 */
final class FirstUser {
  private final boolean wanted;
  private final List<String> memberships;

  /**
   * @param wanted CREATE_USER
   * @param memberships CREATE_USER_GRANTS: the roles that the user is made a member of
   */
  FirstUser(boolean wanted, List<String> memberships) {
    this.wanted = wanted;
    this.memberships = memberships;
  }

  /**
   * Creates the current version's user with its password, unless it or its twin exists.
   *
   * @return whether the refused login is worth another try: also where the user was there, since
   *     another delivery of this step may have created it meanwhile
   */
  boolean ensure(Admin admin, UserNames names, DatabaseSecret current, Invocation invocation) {
    if (!wanted) {
      return false;
    }
    try (Session session = admin.open()) {
      AtomicBoolean created = new AtomicBoolean();
      ConcurrentUpdates.retry(
          invocation,
          () ->
              session.transaction(() -> created.set(create(session, names, current, invocation))));
      if (created.get()) {
        invocation.info(
            "user \""
                + current.username()
                + "\" was created at "
                + admin.host()
                + (memberships.isEmpty() ? "" : ", a member of " + String.join(", ", memberships)));
      }
      return true;
    } catch (SQLException e) {
      throw new RotationException(
          "User \""
              + current.username()
              + "\" of "
              + current
              + " does not exist, and could not be created with "
              + admin
              + ": "
              + e.getMessage(),
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
