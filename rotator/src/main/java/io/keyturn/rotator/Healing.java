package io.keyturn.rotator;

import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.Belongings.Grant;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives the base what belongs or was granted to the twin: from before Keyturn, when AWS's template
 * let the twin own what it made, or since, when somebody made a grant to the twin.
 *
 * <p>What cannot be given is told in a warning with the statement that does it, and the rotation
 * goes on: without it the base has what it always had.
 */
final class Healing {
  private final Logins logins;
  private final UserNames names;
  private final Invocation invocation;

  /** The logins that healing takes, each to the database of a name. */
  interface Logins {
    Session admin(String database) throws SQLException;

    /** The twin, a member of the base, which may hand over what is its own. */
    Session twin(String database) throws SQLException;
  }

  Healing(Logins logins, UserNames names, Invocation invocation) {
    this.logins = logins;
    this.names = names;
    this.invocation = invocation;
  }

  /** Heals every database in which anything depends on the twin. */
  void run(Session admin) throws SQLException {
    List<Grant> memberships = Belongings.memberships(admin, names);
    if (!memberships.isEmpty()) {
      tryEach(admin, memberships);
      warn(Belongings.memberships(admin, names), "");
    }
    for (String database : Belongings.databases(admin, names.twin())) {
      try {
        heal(database);
      } catch (SQLException e) {
        requireServer(e);
        invocation.warn(
            "database \""
                + database
                + "\" was not healed, so what \""
                + names.twin()
                + "\" owns or was granted there is not \""
                + names.base()
                + "\"'s: "
                + e.getMessage());
      }
    }
  }

  private void heal(String database) throws SQLException {
    try (Session twin = logins.twin(database)) {
      // Its role setting would make it the base, which may not give away what is the twin's.
      twin.execute("SET ROLE NONE");
      if (Belongings.ownsAnything(twin, names.twin())) {
        twin.execute(
            "REASSIGN OWNED BY " + Sql.name(names.twin()) + " TO " + Sql.name(names.base()));
        invocation.info(
            "what \""
                + names.twin()
                + "\" owned in database \""
                + database
                + "\" is now \""
                + names.base()
                + "\"'s");
      }
      tryEach(twin, Belongings.ownDefaultGrants(twin, names));
      List<Grant> missing = missing(twin);
      if (missing.isEmpty()) {
        return;
      }
      // With the twin's own grant options, and then with the admin's rights.
      tryEach(twin, missing);
      tryAsAdmin(database, missing(twin));
      warn(missing(twin), " in database \"" + database + "\"");
    }
  }

  private List<Grant> missing(Session session) throws SQLException {
    List<Grant> missing = new ArrayList<>(Belongings.grants(session, names));
    missing.addAll(Belongings.defaultGrants(session, names));
    missing.addAll(Belongings.policies(session, names));
    return missing;
  }

  private void tryAsAdmin(String database, List<Grant> grants) throws SQLException {
    if (grants.isEmpty()) {
      return;
    }
    try (Session admin = logins.admin(database)) {
      tryEach(admin, grants);
    }
  }

  /**
   * Whether a statement helped shows afterwards, in what is still missing: GRANT may also do
   * nothing and succeed.
   */
  private void tryEach(Session session, List<Grant> grants) throws SQLException {
    for (Grant grant : grants) {
      try {
        ConcurrentUpdates.retry(invocation, () -> session.execute(grant.statement()));
      } catch (SQLException e) {
        requireServer(e);
        invocation.debug("not possible here: " + grant.statement() + ": " + e.getMessage());
      }
    }
  }

  /**
   * Only what the server refuses can be left: where the connection was lost, the rotation's next
   * run heals, and finished without it, the base would lack what the twin had.
   */
  private static void requireServer(SQLException failure) throws SQLException {
    if (PostgresLogin.isLost(failure) || PostgresLogin.isBusy(failure)) {
      throw failure;
    }
  }

  private void warn(List<Grant> missing, String where) {
    for (Grant grant : missing) {
      invocation.warn(
          "\""
              + names.twin()
              + "\" was granted what \""
              + names.base()
              + "\" was not, and neither could be helped: run as \""
              + grant.who()
              + "\""
              + where
              + ": "
              + grant.statement());
    }
  }
}
