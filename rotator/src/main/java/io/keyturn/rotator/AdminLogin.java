package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.SQLException;
import java.util.List;

/** The admin that a secret names: it logs in where that secret's user does, and nowhere else. */
final class AdminLogin {
  private final AdminSecrets adminSecrets;
  private final RdsClients rds;
  private final PostgresLogin postgres;

  AdminLogin(AdminSecrets adminSecrets, RdsClients rds, PostgresLogin postgres) {
    this.adminSecrets = adminSecrets;
    this.rds = rds;
    this.postgres = postgres;
  }

  /**
   * The admin's login for this user.
   *
   * <p>Who can write the user's secret could name any admin's secret that this function may read,
   * or another host; so the two must be of one database, by name or by the word of the RDS API.
   */
  DatabaseSecret of(DatabaseSecret user, Invocation invocation) {
    String id =
        user.adminSecretId()
            .orElseThrow(() -> new RotationException("Key \"masterarn\" is missing in " + user));
    DatabaseSecret admin = adminSecrets.read(id, invocation.deadline());
    if (!admin.host().equalsIgnoreCase(user.host())
        && !new RdsDatabases(rds, invocation.deadline()).isReplicaOf(user.host(), admin.host())) {
      throw new RotationException(
          "Nothing was changed: "
              + admin
              + " is for host "
              + admin.host()
              + ", but "
              + user
              + " for "
              + user.host()
              + ", which the RDS API does not call a replica or reader of it. Name the admin's secret of the user's own"
              + " database in \"masterarn\"");
    }
    return admin;
  }

  /** A session of the admin as itself. */
  Session open(DatabaseSecret admin, Invocation invocation) throws SQLException {
    Session session = Session.open(postgres, admin, invocation);
    try {
      session.execute("SET ROLE NONE");
      return session;
    } catch (SQLException e) {
      try (session) {
        throw e;
      }
    }
  }

  /** A session of the admin that may change the password of this user. */
  Session openFor(DatabaseSecret user, Invocation invocation) throws SQLException {
    Session session = open(of(user, invocation), invocation);
    try {
      RoleFacts facts = RoleFacts.read(session, new UserNames(user.username(), user.username()));
      facts.requireAbleToRotate(List.of(facts.base()));
      return session;
    } catch (SQLException | RuntimeException e) {
      try (session) {
        throw e;
      }
    }
  }
}
