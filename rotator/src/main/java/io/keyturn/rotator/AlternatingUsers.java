package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Belongings;
import io.keyturn.rotator.role.ConcurrentUpdates;
import io.keyturn.rotator.role.Healing;
import io.keyturn.rotator.role.Parity;
import io.keyturn.rotator.role.Patience;
import io.keyturn.rotator.role.Remedy;
import io.keyturn.rotator.role.RoleFacts;
import io.keyturn.rotator.role.RolePair;
import io.keyturn.rotator.role.RoleSettingSupport;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import io.keyturn.rotator.role.SharedIdentity;
import io.keyturn.rotator.role.UserNames;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The alternating-users strategy: the admin changes the password of the user that is not current,
 * so the current login works at every instant; both users are one identity, see {@link
 * SharedIdentity}.
 */
final class AlternatingUsers implements Strategy {
  /** How long a replica may take to learn of a new password. */
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
      Change change = change(invocation, session, names, current, false);
      if (!change.made()) {
        healing(invocation, admin, names, current).beforeItRunsAsTheBase(change.databasesLeft());
        change = change(invocation, session, names, current, true);
      }
      invocation.info("the password of \"" + next + "\" at " + admin.host() + " was changed");
      healing(invocation, admin, names, twinIsCurrent ? current : change.pending())
          .run(change.databasesLeft());
    } catch (SQLException e) {
      throw new RotationException(
          "\""
              + next
              + "\" at "
              + admin.host()
              + " could not be given the password of version "
              + invocation.token()
              + " of secret "
              + invocation.secretId()
              + ", logged in with "
              + admin
              + ": "
              + e.getMessage()
              + Remedy.of(e),
          e);
    }
  }

  /**
   * What became of the one transaction that changes roles.
   *
   * @param made whether it changed anything: not where the current login would lose something that
   *     must be handed over first
   * @param databasesLeft those in which there is something to hand over
   */
  private record Change(DatabaseSecret pending, boolean made, List<String> databasesLeft) {}

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
    AtomicReference<Change> result = new AtomicReference<>();
    ConcurrentUpdates.retry(
        invocation,
        () ->
            session.transaction(
                () -> {
                  RoleSql.lock(session, names.base());
                  // Read only now: a newer rotation that took the lock before has moved the label.
                  DatabaseSecret pending =
                      new PendingLogin(secrets)
                          .read(invocation, current, names.other(current.username()));
                  RoleFacts facts = RoleFacts.read(session, names);
                  facts.requireAbleToRotate(List.of(facts.base(), facts.twin()));
                  RolePair.require(session, names, facts);
                  RoleSettingSupport.require(facts.version(), names, invocation);
                  boolean twinIsCurrent = current.username().equals(names.twin());
                  SharedIdentity identity =
                      new SharedIdentity(session, names, facts, twinIsCurrent);
                  if (!prepared && identity.currentRunsAsItself()) {
                    identity.ensureMembership();
                    List<String> left = Belongings.databases(session, names);
                    if (!left.isEmpty()) {
                      result.set(new Change(pending, false, left));
                      return;
                    }
                  }
                  identity.run();
                  RoleSql.changePassword(invocation, session, pending);
                  result.set(new Change(pending, true, Belongings.databases(session, names)));
                }));
    return result.get();
  }

  private Healing healing(
      Invocation invocation, Admin admin, UserNames names, DatabaseSecret twinSecret) {
    DatabaseSecret twinAtWriter = admin.loginHere(twinSecret);
    Healing.Logins logins =
        new Healing.Logins() {
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
            return Session.open(postgres, twinAtWriter.inDatabase(database), invocation);
          }
        };
    return new Healing(logins, names, invocation);
  }

  /** A replica learns of the new password only after a while, and refuses it until then. */
  @Override
  public Session openPending(Invocation invocation, DatabaseSecret pending) throws SQLException {
    return Patience.open(
        invocation,
        REPLICA_WAIT,
        PostgresLogin::isRefusal,
        () -> Session.open(postgres, pending, invocation));
  }

  @Override
  public void requireParity(Invocation invocation, DatabaseSecret pending, Session session)
      throws SQLException {
    DatabaseSecret current = secrets.current(invocation);
    if (current.username().equals(pending.username())) {
      testWithoutRotation(invocation, current, pending);
      return;
    }
    requireUnedited(pending, current);
    KnownLogins logins = new KnownLogins(postgres, invocation, Optional.empty());
    try (Session now = logins.open(current)) {
      if (now == null) {
        invocation.warn(
            "%s does not log in, so there is nothing to compare the pending login with"
                .formatted(current));
        return;
      }
      now.readOnly(() -> Parity.require(now, session, invocation));
    }
  }

  /** AWSCURRENT may have been edited since setSecret: finishSecret would take the edit back. */
  private static void requireUnedited(DatabaseSecret pending, DatabaseSecret current) {
    PendingLogin.problem(pending, current, pending.username())
        .ifPresent(
            problem -> {
              throw new RotationException(
                  problem + ". AWSCURRENT stays where it is, and the next attempt starts anew");
            });
  }

  /** Both versions are for one user: there is nothing to compare. */
  private void testWithoutRotation(
      Invocation invocation, DatabaseSecret current, DatabaseSecret pending) throws SQLException {
    if (!current.password().equals(pending.password())) {
      // An older rotation, which this one replaced, moved AWSCURRENT so late that its password was
      // overwritten by then: the current login is broken until this rotation ends.
      invocation.warn(
          "AWSCURRENT was moved to the same user meanwhile, by the rotation that this one replaced");
      return;
    }
    UserNames names = UserNames.of(current);
    Admin admin = admins.of(current, invocation);
    try (Session session = admin.open()) {
      session.transaction(
          () -> {
            RoleFacts facts = RoleFacts.read(session, names);
            facts.requireAbleToRotate(List.of(facts.base(), facts.twin()));
            RolePair.require(session, names, facts);
          });
    }
    invocation.info(
        ("this was a test, as RotateSecret asks for with RotateImmediately=false: AWSPENDING is a"
                + " copy of AWSCURRENT. \"%s\" logs in, and the admin of %s may rotate it; nothing"
                + " was changed")
            .formatted(current.username(), admin));
  }
}
