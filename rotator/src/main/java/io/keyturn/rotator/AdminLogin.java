package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.rds.RdsClients;
import io.keyturn.rotator.rds.RdsDatabases;
import java.util.function.Supplier;

/** Finds the admin that a secret names, and checks that both are for the same server. */
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
   * The admin of this user.
   *
   * <p>Anybody who can write the user's secret could name any admin's secret that this function may
   * read, or another server. So both secrets must be for one server: the same host and port, or a
   * host that is a replica of the admin's according to the RDS API.
   */
  Admin of(DatabaseSecret user, Invocation invocation) {
    String id =
        user.adminSecretId()
            .orElseThrow(() -> new RotationException("Key \"masterarn\" is missing in " + user));
    DatabaseSecret login = lookUp(user, () -> adminSecrets.read(id, invocation.deadline()));
    if (!login.host().equalsIgnoreCase(user.host())
        && !lookUp(
            user,
            () ->
                new RdsDatabases(rds, invocation.deadline())
                    .isReplicaOf(user.host(), login.host()))) {
      throw new RotationException(
          ("Nothing was changed: %s is for host %s, but %s is for %s, which is not a replica or"
                  + " reader of it according to the RDS API. Name the secret of an admin of the user's"
                  + " own database in \"masterarn\"")
              .formatted(login, login.host(), user, user.host()));
    }
    if (login.port() != user.port()) {
      throw new RotationException(
          ("Nothing was changed: %s is for port %d of %s, but %s is for port %d. Put the port of"
                  + " the database into both secrets")
              .formatted(login, login.port(), login.host(), user, user.port()));
    }
    return new Admin(adminSecrets, id, login, postgres, invocation);
  }

  private static <T> T lookUp(DatabaseSecret user, Supplier<T> call) {
    try {
      return call.get();
    } catch (RotationException | InvalidSecretException e) {
      throw new RotationException(
          "The admin that \"masterarn\" of %s names cannot be looked up: %s"
              .formatted(user, e.getMessage()),
          e);
    }
  }
}
