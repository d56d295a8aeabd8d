package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.Pause;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.role.Session;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** The admin of one secret's user, at the server that the admin's own secret names. */
final class Admin {
  /** How long the rotation of the admin's own secret may take from setSecret to finishSecret. */
  private static final Duration ROTATION = Duration.ofSeconds(15);

  private static final Duration POLL = Duration.ofSeconds(1);

  /** Kept free, so that the error gives the reason for the wait and not only that time is up. */
  private static final Duration LAST_LOGIN = Duration.ofSeconds(1);

  private final AdminSecrets secrets;
  private final String secretId;
  private final PostgresLogin postgres;
  private final Invocation invocation;
  private DatabaseSecret login;

  /**
   * @param login the AWSCURRENT version of this secret
   */
  Admin(
      AdminSecrets secrets,
      String secretId,
      DatabaseSecret login,
      PostgresLogin postgres,
      Invocation invocation) {
    this.secrets = secrets;
    this.secretId = secretId;
    this.login = login;
    this.postgres = postgres;
    this.invocation = invocation;
  }

  String username() {
    return login.username();
  }

  String host() {
    return login.host();
  }

  String database() {
    return login.database();
  }

  /**
   * The login of another user at the admin's own host, port and database.
   *
   * <p>A login at any other server proves nothing, since the writer of the user's secret chooses
   * that server.
   */
  DatabaseSecret atThisServer(DatabaseSecret user) {
    return login.loginAs(
        user.username(), user.password(), "%s, at the server of %s".formatted(user, login));
  }

  /** A session of the admin in the database that its secret names. */
  Session open() throws SQLException {
    return open(login.database());
  }

  /** A session of the admin. */
  Session open(String database) throws SQLException {
    try {
      return Session.open(postgres, login.inDatabase(database), invocation);
    } catch (SQLException e) {
      if (!PostgresLogin.isRefusal(e)) {
        throw e;
      }
      return logInDuringRotation(database, e);
    }
  }

  /**
   * Logs in where the admin's own secret may be under rotation: its AWSCURRENT is wrong from the
   * change of the password until the label moves.
   *
   * <p>No password is tried twice: a server may lock out a user after a few wrong ones.
   */
  private Session logInDuringRotation(String database, SQLException refusal) throws SQLException {
    Set<String> refused = new HashSet<>(Set.of(login.password()));
    Deadline end =
        Deadline.in(invocation.deadline().atMost(ROTATION.plus(LAST_LOGIN)).minus(LAST_LOGIN));
    while (true) {
      AdminSecrets.Versions versions =
          secrets.versions(secretId, login, invocation.deadline(), refusal::addSuppressed);
      for (DatabaseSecret version : versions.logins()) {
        if (refused.add(version.password())) {
          try {
            Session session = Session.open(postgres, version.inDatabase(database), invocation);
            invocation.info(
                "the admin's password has just been changed: logged in with " + version);
            login = version;
            return session;
          } catch (SQLException e) {
            if (!PostgresLogin.isRefusal(e)) {
              throw e;
            }
            refusal.addSuppressed(e);
          }
        }
      }
      if (!versions.changing()) {
        throw refusal;
      }
      Pause.of(end, POLL, refusal);
    }
  }

  /** Which secret the login comes from. */
  @Override
  public String toString() {
    return login.toString();
  }
}
