package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The single-user strategy: the user changes its own password, or where it may not, has the admin
 * change it.
 *
 * <p>The pending password is tried first, since an earlier attempt may have set it; then the
 * current one; and where neither is right, as after a rotation that was abandoned, the previous
 * one. The admin, too, only serves a secret that proves in this way that the user is its own.
 */
final class SingleUser implements Strategy {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final Optional<AdminLogin> admin;

  SingleUser(SecretsManager secrets, PostgresLogin postgres, Optional<AdminLogin> admin) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.admin = admin;
  }

  @Override
  public String nextUsername(DatabaseSecret current) {
    return current.username();
  }

  @Override
  public void set(
      RotationEvent event, DatabaseSecret pending, DatabaseSecret current, RotationLog log) {
    KnownLogins logins = new KnownLogins(postgres, log);
    if (logins.works(pending)) {
      log.info("the database has the pending password already");
      return;
    }
    if (changePassword(logins, current, pending, log)) {
      return;
    }
    Optional<DatabaseSecret> previous = secrets.previous(event.secretId());
    if (previous.isPresent()) {
      DatabaseSecret former = previous.get();
      SetSecret.requireSame("username", pending, pending.username(), former, former.username());
      SetSecret.requireSame("host", pending, pending.host(), former, former.host());
      if (changePassword(logins, former, pending, log)) {
        return;
      }
    }
    throw logins.failure(
        "None of AWSPENDING, AWSCURRENT and AWSPREVIOUS of secret "
            + event.secretId()
            + " logs in to "
            + pending.host()
            + " as \""
            + pending.username()
            + "\". Set the role's password to that of AWSCURRENT, or put the right one into the secret, and rotate"
            + " again");
  }

  /** Whether the login worked that the change was to be made with. */
  private boolean changePassword(
      KnownLogins logins, DatabaseSecret login, DatabaseSecret pending, RotationLog log) {
    try (Connection connection = logins.open(login)) {
      if (connection == null) {
        return false;
      }
      if (admin.isPresent()) {
        admin.get().changePassword(pending, log);
      } else {
        RoleSql.changePassword(connection, pending.username(), pending.password());
      }
      log.info(
          "the password of \""
              + pending.username()
              + "\" at "
              + pending.host()
              + " was changed"
              + (admin.isPresent() ? " by the admin" : ", logged in with " + login));
      return true;
    } catch (SQLException e) {
      throw new RotationException(
          "The password of \""
              + pending.username()
              + "\" at "
              + pending.host()
              + " could not be changed to that of "
              + pending
              + ", logged in with "
              + login
              + ": "
              + e.getMessage(),
          e);
    }
  }

  @Override
  public Connection openPending(DatabaseSecret pending, RotationLog log) throws SQLException {
    return postgres.open(pending, log::warn);
  }

  /** It is the same user: what it may do was not touched. */
  @Override
  public void requireParity(
      RotationEvent event, DatabaseSecret pending, Connection session, RotationLog log) {}
}
