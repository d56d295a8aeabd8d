package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The admin that a secret names: it logs in where that secret's user does, and nowhere else. */
final class AdminLogin {
  private final AdminSecrets adminSecrets;
  private final RdsDatabases rds;
  private final PostgresLogin postgres;

  AdminLogin(AdminSecrets adminSecrets, RdsDatabases rds, PostgresLogin postgres) {
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
  DatabaseSecret of(DatabaseSecret user) {
    String id =
        user.adminSecretId()
            .orElseThrow(() -> new RotationException("Key \"masterarn\" is missing in " + user));
    DatabaseSecret admin = adminSecrets.read(id);
    if (!admin.host().equalsIgnoreCase(user.host())
        && !rds.isReplicaOf(user.host(), admin.host())) {
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
  Connection open(DatabaseSecret admin, RotationLog log) throws SQLException {
    Connection connection = postgres.open(admin, log::warn);
    try {
      Sql.execute(connection, "SET ROLE NONE");
      return connection;
    } catch (SQLException e) {
      try (connection) {
        throw e;
      }
    }
  }

  /** Changes the password of the pending version's user. */
  void changePassword(DatabaseSecret pending, RotationLog log) throws SQLException {
    try (Connection connection = open(of(pending), log)) {
      RoleFacts facts =
          RoleFacts.read(connection, new UserNames(pending.username(), pending.username()));
      facts.requireAbleToRotate(List.of(facts.base()));
      RoleSql.changePassword(connection, pending.username(), pending.password());
    }
  }
}
