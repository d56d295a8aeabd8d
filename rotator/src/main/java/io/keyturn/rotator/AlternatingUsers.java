package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * The alternating-users strategy: the admin changes the password of the user that is not current,
 * so the current login works at every instant; both users are one identity, see {@link
 * SharedIdentity}.
 */
final class AlternatingUsers implements Strategy {
  /** How long a replica may take to learn of a new password. */
  private static final Duration REPLICA_WAIT = Duration.ofSeconds(15);

  private static final Duration REPLICA_POLL = Duration.ofMillis(250);

  private final SecretsManager secrets;
  private final PostgresLogin postgres;
  private final AdminLogin admin;
  private final FirstUser firstUser;

  AlternatingUsers(
      SecretsManager secrets, PostgresLogin postgres, AdminLogin admin, FirstUser firstUser) {
    this.secrets = secrets;
    this.postgres = postgres;
    this.admin = admin;
    this.firstUser = firstUser;
  }

  @Override
  public String nextUsername(DatabaseSecret current) {
    return UserNames.of(current).other(current.username());
  }

  @Override
  public void set(
      RotationEvent event, DatabaseSecret pending, DatabaseSecret current, RotationLog log) {
    UserNames names = UserNames.of(current);
    DatabaseSecret adminSecret = admin.of(current);
    requireCurrentLogin(adminSecret, current, log);
    try (Connection session = admin.open(adminSecret, log)) {
      RoleFacts facts = RoleFacts.read(session, names);
      facts.requireAbleToRotate(List.of(facts.base(), facts.twin()));
      session.setAutoCommit(false);
      // Two rotations at once, or a step delivered twice, would change the same rows of the
      // catalog.
      Sql.rows(
          session,
          "SELECT pg_advisory_xact_lock(hashtext('keyturn'), hashtext(?))::text",
          names.base());
      new SharedIdentity(session, names, facts).run();
      RoleSql.changePassword(session, pending.username(), pending.password());
      session.commit();
      session.setAutoCommit(true);
      log.info(
          "the password of \""
              + pending.username()
              + "\" at "
              + adminSecret.host()
              + " was changed");
      heal(names, adminSecret, session, pending, current, log);
    } catch (SQLException e) {
      throw new RotationException(
          "\""
              + pending.username()
              + "\" at "
              + adminSecret.host()
              + " could not be given the password of "
              + pending
              + ", logged in with "
              + adminSecret
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /**
   * The admin serves only a secret that proves that the user is its own: else whoever can write the
   * secret could name any user, and have the admin give them its password.
   */
  private void requireCurrentLogin(
      DatabaseSecret adminSecret, DatabaseSecret current, RotationLog log) {
    KnownLogins logins = new KnownLogins(postgres, log);
    if (logins.works(current) || firstUser.create(adminSecret, current, log)) {
      return;
    }
    throw logins.failure(
        "Nothing was changed: "
            + current
            + " does not log in to "
            + current.host()
            + " as \""
            + current.username()
            + "\", and the admin only serves a secret that does. Put the user's right password into the secret as"
            + " AWSCURRENT, and rotate again");
  }

  private void heal(
      UserNames names,
      DatabaseSecret adminSecret,
      Connection session,
      DatabaseSecret pending,
      DatabaseSecret current,
      RotationLog log)
      throws SQLException {
    DatabaseSecret ofClone = pending.username().equals(names.twin()) ? pending : current;
    DatabaseSecret twinAtWriter =
        adminSecret.loginAs(names.twin(), ofClone.password(), ofClone.toString());
    new Healing(
            new Healing.Logins() {
              @Override
              public Connection admin(String database) throws SQLException {
                return admin.open(adminSecret.inDatabase(database), log);
              }

              @Override
              public Connection twin(String database) throws SQLException {
                return postgres.open(twinAtWriter.inDatabase(database), log::warn);
              }
            },
            names,
            log)
        .run(session);
  }

  /** A replica learns of the new password only after a while, and refuses it until then. */
  @Override
  public Connection openPending(DatabaseSecret pending, RotationLog log) throws SQLException {
    long deadline = System.nanoTime() + REPLICA_WAIT.toNanos();
    while (true) {
      try {
        return postgres.open(pending, log::warn);
      } catch (SQLException e) {
        if (!PostgresLogin.isRefusal(e) || System.nanoTime() >= deadline) {
          throw e;
        }
        pause(e);
      }
    }
  }

  private static void pause(SQLException refusal) throws SQLException {
    try {
      Thread.sleep(REPLICA_POLL.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refusal;
    }
  }

  @Override
  public void requireParity(
      RotationEvent event, DatabaseSecret pending, Connection session, RotationLog log)
      throws SQLException {
    DatabaseSecret current = secrets.current(event.secretId());
    try (Connection now = postgres.open(current, log::warn)) {
      Parity.require(now, session, event);
    }
  }
}
