package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Handover;
import io.keyturn.rotator.role.Hint;
import io.keyturn.rotator.role.Retry;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RolePair;
import io.keyturn.rotator.role.RoleSettingSupport;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.SessionComparison;
import io.keyturn.rotator.role.SharedIdentity;
import io.keyturn.rotator.role.TwinRights;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The alternating-users strategy: the admin changes the password of the user that is not current,
 * so the current login works at every instant. Both users are one identity, see {@link
 * SharedIdentity}.
 */
final class AlternatingUsers implements Strategy {
  /** How long a replica may take to replicate a new password. */
  private static final Duration REPLICA_WAIT = Duration.ofSeconds(15);

  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final AdminLogin admins;
  private final UserProof userProof;

  AlternatingUsers(
      SecretsManager secrets, PostgresLogin postgres, AdminLogin admins, UserProof userProof) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.admins = admins;
    this.userProof = userProof;
  }

  @Override
  public String name() {
    return "alternating users";
  }

  @Override
  public Predicate<DatabaseSecret> check(
      Invocation invocation, DatabaseSecret current, CheckReport report) {
    return new AlternatingUsersCheck(postgres, admins, userProof).run(invocation, current, report);
  }

  @Override
  public String nextUsername(DatabaseSecret current) {
    return UserNames.of(current).other(current.username());
  }

  @Override
  public void set(Invocation invocation, DatabaseSecret current) {
    UserNames names = UserNames.of(current);
    Admin admin = admins.of(current, invocation);
    userProof.require(admin, names, current, invocation);
    String next = names.other(current.username());
    boolean twinIsCurrent = next.equals(names.base());
    try (Session session = admin.open()) {
      Change change = changeInTransaction(invocation, session, names, current, false);
      if (!change.made()) {
        handover(invocation, admin, names, current).beforeItRunsAsTheBase(change.databasesLeft());
        change = changeInTransaction(invocation, session, names, current, true);
      }
      invocation.info("the password of \"%s\" at %s was changed".formatted(next, admin.host()));
      handover(invocation, admin, names, twinIsCurrent ? current : change.pending())
          .run(change.databasesLeft());
    } catch (SQLException e) {
      throw new RotationException(
          "\"%s\" at %s could not be given the password of version %s of secret %s, logged in with %s: %s%s"
              .formatted(
                  next,
                  admin.host(),
                  invocation.token(),
                  invocation.secretId(),
                  admin,
                  e.getMessage(),
                  Hint.of(e)),
          e);
    }
  }

  /**
   * The outcome of the one transaction that changes roles.
   *
   * @param made false if it changed nothing, because the current login would lose something that
   *     must be handed over first
   * @param databasesLeft the databases in which there is something to hand over
   */
  private record Change(DatabaseSecret pending, boolean made, List<String> databasesLeft) {}

  private Change changeInTransaction(
      Invocation invocation,
      Session session,
      UserNames names,
      DatabaseSecret current,
      boolean prepared)
      throws SQLException {
    return Retry.change(invocation)
        .run(
            () -> session.transaction(() -> change(invocation, session, names, current, prepared)));
  }

  /**
   * Makes the next user the twin of the current one, and gives it the pending password.
   *
   * @param prepared whether the base has all that the current login works with
   */
  private Change change(
      Invocation invocation,
      Session session,
      UserNames names,
      DatabaseSecret current,
      boolean prepared)
      throws SQLException {
    RoleSql.lock(session, names.base());
    // Read only now: a newer rotation that took the lock before has moved the label.
    DatabaseSecret pending =
        new PendingLogin(secrets).read(invocation, current, names.other(current.username()));
    RoleFacts facts = RoleFacts.read(session, names);
    facts.requireAbleToRotate(List.of(facts.base(), facts.twin()));
    RolePair.require(session, names, facts);
    RoleSettingSupport.require(facts.version(), names, invocation);
    SharedIdentity identity =
        new SharedIdentity(session, names, facts, current.username().equals(names.twin()));
    if (!prepared && identity.currentRunsAsItself()) {
      identity.ensureMembership();
      List<String> left = TwinRights.databases(session, names);
      if (!left.isEmpty()) {
        return new Change(pending, false, left);
      }
    }
    identity.run();
    RoleSql.changePassword(invocation, session, pending);
    return new Change(pending, true, TwinRights.databases(session, names));
  }

  private Handover handover(
      Invocation invocation, Admin admin, UserNames names, DatabaseSecret twinSecret) {
    DatabaseSecret twinLogin = admin.atThisServer(twinSecret);
    Handover.Logins logins =
        new Handover.Logins() {
          @Override
          public String home() {
            return admin.database();
          }

          @Override
          public Session admin(String database) throws SQLException {
            return admin.open(database);
          }

          @Override
          public Session twin(String database) throws SQLException {
            return Session.open(postgres, twinLogin.inDatabase(database), invocation);
          }
        };
    return new Handover(logins, names, invocation);
  }

  /** Waits for a replica, which refuses the new password until it has replicated the change. */
  @Override
  public Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException {
    return Retry.login(invocation, REPLICA_WAIT, PostgresLogin::isRefusal)
        .run(() -> Session.open(postgres, pending, invocation));
  }

  @Override
  public void requireEqualToCurrent(Invocation invocation, DatabaseSecret pending, Session session)
      throws SQLException {
    DatabaseSecret current = secrets.current(invocation);
    if (current.username().equals(pending.username())) {
      warnIfOverwritten(invocation, current, pending);
      return;
    }
    LoginAttempts logins = new LoginAttempts(postgres, invocation, Optional.empty());
    try (Session now = logins.open(current)) {
      if (now == null) {
        invocation.warn(
            "%s does not log in, so there is nothing to compare the pending login with"
                .formatted(current));
        return;
      }
      now.readOnly(() -> SessionComparison.require(now, session, invocation));
    }
  }

  /** Both versions are for one user: there is nothing to compare. */
  private static void warnIfOverwritten(
      Invocation invocation, DatabaseSecret current, DatabaseSecret pending) {
    if (!current.password().equals(pending.password())) {
      // The rotation that this one replaced moved AWSCURRENT after its password had been
      // overwritten: the current login does not work until this rotation ends.
      invocation.warn(
          "AWSCURRENT was moved to the same user meanwhile, by the rotation that this one replaced");
    }
  }
}
