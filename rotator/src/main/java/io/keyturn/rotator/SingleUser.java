package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.ConcurrentUpdates;
import io.keyturn.rotator.role.Remedy;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
  private final PendingLogin pendingLogin;
  private final PostgresLogin postgres;
  private final Optional<ByAdmin> byAdmin;

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

  private SingleUser(SecretsManager secrets, PostgresLogin postgres, Optional<ByAdmin> byAdmin) {
    this.secrets = secrets;
    pendingLogin = new PendingLogin(secrets);
    this.postgres = postgres;
    this.byAdmin = byAdmin;
  }

  @Override
  public String nextUsername(DatabaseSecret current) {
    return current.username();
  }

  @Override
  public void set(Invocation invocation, DatabaseSecret current) {
    new Change(invocation, current).run();
  }

  /** One attempt to have the database accept the pending password. */
  private final class Change {
    private final Invocation invocation;
    private final DatabaseSecret current;
    private final KnownLogins logins;
    private final Optional<Admin> admin;

    Change(Invocation invocation, DatabaseSecret current) {
      this.invocation = invocation;
      this.current = current;
      admin = byAdmin.map(by -> by.login().of(current, invocation));
      logins = new KnownLogins(postgres, invocation, admin);
    }

    void run() {
      if (with(current)) {
        return;
      }
      if (isDone()) {
        return;
      }
      // Another delivery of this step may have set the password too, since it was tried.
      if (createdUser() && (with(current) || isDone())) {
        return;
      }
      if (withOneOf(secrets.previous(invocation, logins::suppress).stream().toList())
          || withOneOf(secrets.unlabelled(invocation, logins::suppress))) {
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
          ("None of AWSPENDING, AWSCURRENT and AWSPREVIOUS of secret %s, nor any of the %d newest"
                  + " versions without a staging label, logs in to %s as \"%s\". Set the role's"
                  + " password to that of AWSCURRENT, or put the right one into the secret, and"
                  + " rotate again")
              .formatted(
                  invocation.secretId(),
                  SecretsManager.UNLABELLED,
                  here(current).host(),
                  current.username()));
    }

    /** Where a login of the user is tried: with an admin at the admin's own server. */
    private DatabaseSecret here(DatabaseSecret login) {
      return admin.map(by -> by.loginHere(login)).orElse(login);
    }

    private DatabaseSecret pending() {
      return pendingLogin.read(invocation, current, current.username());
    }

    /** Whether the database has the pending password already. */
    private boolean isDone() {
      DatabaseSecret pending = secrets.pending(invocation);
      if (!pending.username().equals(current.username())) {
        // Given up when it is read to be set.
        return false;
      }
      // AWSCURRENT says where: a pending version may be for a server that it no longer names.
      DatabaseSecret there =
          here(current.loginAs(pending.username(), pending.password(), pending.toString()));
      if (!logins.works(there)) {
        return false;
      }
      Optional<String> problem = PendingLogin.problem(pending, current, current.username());
      if (problem.isPresent()) {
        goBack(there);
        throw pendingLogin.giveUp(
            invocation, problem.get() + ". The database has the password of AWSCURRENT again");
      }
      invocation.info("the database has the pending password already");
      return true;
    }

    /**
     * Sets the password of AWSCURRENT, before the pending version is given up that the database has
     * the password of: otherwise no labelled version would log in.
     */
    private void goBack(DatabaseSecret pending) {
      try (Session session = admin.isPresent() ? admin.get().open() : logins.open(pending)) {
        if (session == null) {
          throw logins.failure(pending + " logged in, and a moment later no more: rotate again");
        }
        changePassword(
            session,
            () -> {
              // It must still be the one under rotation.
              secrets.pending(invocation);
              return current;
            });
      } catch (SQLException e) {
        throw unchanged(pending, "AWSCURRENT", e);
      }
    }

    /** The user alone: it has no twin, so its name may be as long as PostgreSQL's names are. */
    private UserNames names() {
      return new UserNames(current.username(), current.username());
    }

    private boolean createdUser() {
      return byAdmin.isPresent()
          && byAdmin.get().firstUser().ensure(admin.orElseThrow(), names(), current, invocation);
    }

    /** Whether one of these logs in, of those that are for the current user and server. */
    private boolean withOneOf(List<DatabaseSecret> former) {
      return former.stream()
          .filter(login -> login.username().equals(current.username()))
          .filter(login -> login.host().equals(current.host()) && login.port() == current.port())
          .anyMatch(this::with);
    }

    /** Whether the login worked that the change was to be made with. */
    private boolean with(DatabaseSecret login) {
      try {
        if (admin.isPresent()) {
          if (!logins.works(here(login))) {
            return false;
          }
          byAdmin(admin.get());
        } else {
          try (Session session = logins.open(login)) {
            if (session == null) {
              return false;
            }
            changePassword(session, this::pending);
          }
        }
        invocation.info(
            "the password of \"%s\" at %s was changed%s"
                .formatted(
                    current.username(),
                    current.host(),
                    admin.isPresent() ? " by the admin" : ", logged in with " + login));
        return true;
      } catch (SQLException e) {
        throw unchanged(login, invocation.token(), e);
      }
    }

    private RotationException unchanged(DatabaseSecret login, String version, SQLException e) {
      return new RotationException(
          ("The password of \"%s\" at %s could not be changed to that of version %s of secret %s,"
                  + " logged in with %s: %s%s")
              .formatted(
                  current.username(),
                  current.host(),
                  version,
                  invocation.secretId(),
                  admin.<Object>map(by -> by).orElse(login),
                  e.getMessage(),
                  Remedy.of(e)),
          e);
    }

    private void byAdmin(Admin admin) throws SQLException {
      try (Session session = admin.open()) {
        session.transaction(
            () -> {
              RoleFacts facts = RoleFacts.read(session, names());
              facts.requireAbleToRotate(List.of(facts.base()));
            });
        changePassword(session, this::pending);
      }
    }

    /**
     * Changes the password.
     *
     * @param wanted read under the lock: a newer rotation that took it before has moved the label
     */
    private void changePassword(Session session, Supplier<DatabaseSecret> wanted)
        throws SQLException {
      ConcurrentUpdates.retry(
          invocation,
          () ->
              session.transaction(
                  () -> {
                    RoleSql.lock(session, current.username());
                    RoleSql.changePassword(invocation, session, wanted.get());
                  }));
    }
  }

  @Override
  public Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException {
    return Session.open(postgres, pending, invocation);
  }

  /** It is the same user: what it may do was not touched. */
  @Override
  public void requireParity(Invocation invocation, DatabaseSecret pending, Session session) {}
}
