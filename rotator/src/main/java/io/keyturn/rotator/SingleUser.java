package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Hint;
import io.keyturn.rotator.role.Retry;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The single-user strategy: the user changes its own password, or the admin changes it.
 *
 * <p>The login is tried with the current password first, then with the pending one, which an
 * earlier attempt may have set. If both are refused, the previous one and those of versions without
 * a staging label, which abandoned rotations leave behind, are tried. The admin changes a password
 * only after one of these logins has proved that the user is the secret's own.
 */
final class SingleUser implements Strategy {
  private final SecretsManager secrets;
  private final PendingLogin pendingLogin;
  private final PostgresLogin postgres;
  private final Optional<ByAdmin> byAdmin;

  /** Changes the password in the user's place, and may create the user. */
  private record ByAdmin(AdminLogin login, UserCreation userCreation) {}

  /** The user changes its password itself. */
  SingleUser(SecretsManager secrets, PostgresLogin postgres) {
    this(secrets, postgres, Optional.empty());
  }

  /** The admin changes it. */
  SingleUser(
      SecretsManager secrets, PostgresLogin postgres, AdminLogin admin, UserCreation userCreation) {
    this(secrets, postgres, Optional.of(new ByAdmin(admin, userCreation)));
  }

  private SingleUser(SecretsManager secrets, PostgresLogin postgres, Optional<ByAdmin> byAdmin) {
    this.secrets = secrets;
    pendingLogin = new PendingLogin(secrets);
    this.postgres = postgres;
    this.byAdmin = byAdmin;
  }

  @Override
  public String name() {
    return byAdmin.isPresent() ? "single user, by the admin" : "single user";
  }

  @Override
  public Predicate<DatabaseSecret> check(
      Invocation invocation, DatabaseSecret current, CheckReport report) {
    SingleUserCheck check = new SingleUserCheck(secrets, postgres, invocation, current, report);
    return byAdmin.isPresent()
        ? check.byAdmin(byAdmin.get().login(), byAdmin.get().userCreation().isWanted())
        : check.alone();
  }

  @Override
  public String nextUsername(DatabaseSecret current) {
    return current.username();
  }

  @Override
  public void set(Invocation invocation, DatabaseSecret current) {
    new Change(invocation, current).run();
  }

  /** One attempt to make the database accept the pending password. */
  private final class Change {
    private final Invocation invocation;
    private final DatabaseSecret current;
    private final LoginAttempts logins;
    private final Optional<Admin> admin;

    Change(Invocation invocation, DatabaseSecret current) {
      this.invocation = invocation;
      this.current = current;
      admin = byAdmin.map(by -> by.login().of(current, invocation));
      logins = new LoginAttempts(postgres, invocation, admin);
    }

    void run() {
      if (changedWith(current) || isDone()) {
        return;
      }
      // Another delivery of this step may have set the password since it was tried.
      if (createdUser() && (changedWith(current) || isDone())) {
        return;
      }
      if (changedWithOneOf(secrets.previous(invocation, logins::suppress).stream().toList())
          || changedWithOneOf(secrets.unlabelled(invocation, logins::suppress))) {
        return;
      }
      DatabaseSecret now = secrets.current(invocation);
      if (!now.password().equals(current.password())) {
        // An older rotation has just ended: the version that it was for was neither current nor
        // without a label when these were tried.
        set(invocation, now);
        return;
      }
      throw logins.noneWorks(current, where(current).host());
    }

    /** The login as it is tried: with an admin, at the admin's own server. */
    private DatabaseSecret where(DatabaseSecret login) {
      return admin.map(by -> by.atThisServer(login)).orElse(login);
    }

    /** Whether the database has the pending password already. */
    private boolean isDone() {
      DatabaseSecret pending = secrets.pending(invocation);
      if (!pending.username().equals(current.username())) {
        // PendingLogin gives it up when it is read to be set.
        return false;
      }
      // At the server of AWSCURRENT, which may have been edited since the pending version was made.
      DatabaseSecret login =
          current.loginAs(pending.username(), pending.password(), pending.toString());
      if (!logins.works(where(login))) {
        return false;
      }
      Optional<String> problem = PendingLogin.problem(pending, current, current.username());
      if (problem.isPresent()) {
        setCurrentPassword(login);
        throw pendingLogin.giveUp(
            invocation, problem.get() + ". The database has the password of AWSCURRENT again");
      }
      invocation.info("the database has the pending password already");
      return true;
    }

    /**
     * Sets the password of AWSCURRENT before the pending version, whose password the database has,
     * is given up: otherwise no labelled version would log in.
     */
    private void setCurrentPassword(DatabaseSecret pending) {
      boolean changed =
          changed(
              pending,
              "AWSCURRENT",
              () -> {
                // It must still be the version under rotation.
                secrets.pending(invocation);
                return current;
              });
      if (!changed) {
        throw logins.failure(
            "%s logged in, and was refused a moment later: rotate again".formatted(pending));
      }
    }

    /** The user alone: it has no twin, so its name may be as long as PostgreSQL's names are. */
    private UserNames names() {
      return new UserNames(current.username(), current.username());
    }

    private boolean createdUser() {
      return byAdmin.isPresent()
          && byAdmin
              .get()
              .userCreation()
              .createIfMissing(admin.orElseThrow(), names(), current, invocation);
    }

    /** Changes the password with the first login for the current user and server that works. */
    private boolean changedWithOneOf(List<DatabaseSecret> former) {
      return former.stream()
          .filter(login -> login.username().equals(current.username()))
          .filter(login -> login.host().equals(current.host()) && login.port() == current.port())
          .anyMatch(this::changedWith);
    }

    /** Sets the pending password, if this login works. */
    private boolean changedWith(DatabaseSecret login) {
      if (!changed(
          login,
          invocation.token(),
          () -> pendingLogin.read(invocation, current, current.username()))) {
        return false;
      }
      invocation.info(
          "the password of \"%s\" at %s was changed%s"
              .formatted(
                  current.username(),
                  current.host(),
                  admin.isPresent() ? " by the admin" : ", logged in with " + login));
      return true;
    }

    /**
     * Sets the password of a version.
     *
     * @param login proves that the user is the secret's own
     * @param version whose password it is, for the error
     * @param wanted read under the lock: a newer rotation that took it before has moved the label
     * @return false if the login is refused
     */
    private boolean changed(DatabaseSecret login, String version, Supplier<DatabaseSecret> wanted) {
      try (Session session = session(login)) {
        if (session == null) {
          return false;
        }
        Retry.change(invocation)
            .run(
                () ->
                    session.transaction(
                        () -> {
                          if (admin.isPresent()) {
                            RoleFacts facts = RoleFacts.read(session, names());
                            facts.requireAbleToRotate(List.of(facts.base()));
                          }
                          RoleSql.lock(session, current.username());
                          RoleSql.changePassword(invocation, session, wanted.get());
                          return true;
                        }));
        return true;
      } catch (SQLException e) {
        throw unchanged(login, version, e);
      }
    }

    /** A session that may change the password, or null if the login is refused. */
    private Session session(DatabaseSecret login) throws SQLException {
      if (admin.isEmpty()) {
        return logins.open(login);
      }
      return logins.works(where(login)) ? admin.get().open() : null;
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
                  Hint.of(e)),
          e);
    }
  }

  @Override
  public Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException {
    return Session.open(postgres, pending, invocation);
  }

  /** Does nothing: it is the same user, whose rights have not changed. */
  @Override
  public void requireEqualToCurrent(
      Invocation invocation, DatabaseSecret pending, Session session) {}
}
