package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.SQLException;

/** The admin of one secret's user, at the server that the admin's own secret names. */
final class Admin {
  private final PostgresLogin postgres;
  private final DatabaseSecret login;
  private final Invocation invocation;

  Admin(PostgresLogin postgres, DatabaseSecret login, Invocation invocation) {
    this.postgres = postgres;
    this.login = login;
    this.invocation = invocation;
  }

  String host() {
    return login.host();
  }

  /**
   * The login of another user at the admin's own host, port and database.
   *
   * <p>A proof that is made anywhere else proves nothing: whoever writes the user's secret chooses
   * where that leads.
   */
  DatabaseSecret loginHere(DatabaseSecret user) {
    return login.loginAs(
        user.username(), user.password(), "%s, at the server of %s".formatted(user, login));
  }

  /** A session of the admin as itself, in the database that its secret names. */
  Session open() throws SQLException {
    return open(login.database());
  }

  /** A session of the admin as itself. */
  Session open(String database) throws SQLException {
    Session session = Session.open(postgres, login.inDatabase(database), invocation);
    try {
      session.execute("SET ROLE NONE");
      return session;
    } catch (SQLException e) {
      try (session) {
        throw e;
      }
    }
  }

  /** Which secret the login comes from. */
  @Override
  public String toString() {
    return login.toString();
  }
}
