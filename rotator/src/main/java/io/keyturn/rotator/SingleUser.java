package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The single-user strategy: the user changes its own password, or where it may not, has the admin
 * change it.
 *
 * <p>The current password is tried first; the pending one, since an earlier attempt may have set
 * it; and where neither is right, the previous one and those of versions without a staging label,
 * as rotations leave them that were abandoned. The admin, too, only serves a secret that proves in
 * this way that the user is its own.
 */
final class SingleUser implements Strategy {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final Optional<ByAdmin> admin;

  /** Who changes the password in the user's place, and may create the user. */
  private record ByAdmin(AdminLogin login, FirstUser firstUser) {}

  /** The user changes its password itself. */
  SingleUser(SecretsManager secrets, PostgresLogin postgres) {
    this(secrets, postgres, Optional.empty());
  }

  /** The admin changes it. */
  SingleUser(
      SecretsManager secrets, PostgresLogin postgres, AdminLogin admin, FirstUser firstUser) {
    this(secrets, postgres, Optional.of(new ByAdmin(admin, firstUser)));
  }

  private SingleUser(SecretsManager secrets, PostgresLogin postgres, Optional<ByAdmin> admin) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.admin = admin;
  }

  @Override
  public String nextUsername(DatabaseSecret current) {
    return current.username();
  }

  @Override
  public void set(Invocation invocation, DatabaseSecret current) {
    KnownLogins logins = new KnownLogins(postgres, invocation);
    if (changePassword(invocation, logins, current, current)) {
      return;
    }
    DatabaseSecret pending = pending(invocation, current);
    if (logins.works(pending)) {
      invocation.info("the database has the pending password already");
      return;
    }
    // Another delivery of this step may have set the password too, since it was tried.
    if (admin.filter(by -> by.firstUser().ensure(current, invocation)).isPresent()
        && (changePassword(invocation, logins, current, current) || logins.works(pending))) {
      return;
    }
    if (changePasswordWith(
            secrets.previous(invocation).stream().toList(), invocation, logins, current)
        || changePasswordWith(
            secrets.unlabelled(invocation, logins::suppress), invocation, logins, current)) {
      return;
    }
    DatabaseSecret now = secrets.current(invocation);
    if (!now.password().equals(current.password())) {
      // An older rotation has just ended: the version that it was for was neither current nor
      // without a label when these were tried.
      set(invocation, now);
      return;
    }
    throw logins.failure(
        "None of AWSPENDING, AWSCURRENT and AWSPREVIOUS of secret "
            + invocation.secretId()
            + ", nor any of the "
            + SecretsManager.UNLABELLED
            + " newest versions without a staging label, logs in to "
            + pending.host()
            + " as \""
            + pending.username()
            + "\". Set the role's password to that of AWSCURRENT, or put the right one into the secret, and rotate"
            + " again");
  }

  /** Whether one of these logs in, of those that are for the current user and host. */
  private boolean changePasswordWith(
      List<DatabaseSecret> former,
      Invocation invocation,
      KnownLogins logins,
      DatabaseSecret current) {
    return former.stream()
        .filter(login -> login.username().equals(current.username()))
        .filter(login -> login.host().equals(current.host()))
        .anyMatch(login -> changePassword(invocation, logins, login, current));
  }

  private DatabaseSecret pending(Invocation invocation, DatabaseSecret current) {
    return new PendingLogin(secrets).read(invocation, current, current.username());
  }

  /** Whether the login worked that the change was to be made with. */
  private boolean changePassword(
      Invocation invocation, KnownLogins logins, DatabaseSecret login, DatabaseSecret current) {
    try (Session session = logins.open(login)) {
      if (session == null) {
        return false;
      }
      if (admin.isPresent()) {
        try (Session byAdmin = admin.get().login().openFor(current, invocation)) {
          changePassword(invocation, byAdmin, current);
        }
      } else {
        changePassword(invocation, session, current);
      }
      invocation.info(
          "the password of \""
              + current.username()
              + "\" at "
              + current.host()
              + " was changed"
              + (admin.isPresent() ? " by the admin" : ", logged in with " + login));
      return true;
    } catch (SQLException e) {
      throw new RotationException(
          "The password of \""
              + current.username()
              + "\" at "
              + current.host()
              + " could not be changed to that of version "
              + invocation.token()
              + " of secret "
              + invocation.secretId()
              + ", logged in with "
              + login
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private void changePassword(Invocation invocation, Session session, DatabaseSecret current)
      throws SQLException {
    ConcurrentUpdates.retry(
        invocation,
        () ->
            session.transaction(
                () -> {
                  RoleSql.lock(session, current.username());
                  // Read only now: a newer rotation that took the lock before has moved the label.
                  RoleSql.changePassword(invocation, session, pending(invocation, current));
                }));
  }

  @Override
  public Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException {
    return Session.open(postgres, pending, invocation);
  }

  /** It is the same user: what it may do was not touched. */
  @Override
  public void requireParity(Invocation invocation, DatabaseSecret pending, Session session) {}
}
