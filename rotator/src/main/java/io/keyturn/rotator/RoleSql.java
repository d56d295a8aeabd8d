package io.keyturn.rotator;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.postgresql.PGConnection;

/** Every statement that a rotation sends to the database. */
final class RoleSql {
  private RoleSql() {}

  /**
   * Sets a role's password to a SCRAM-SHA-256 verifier computed here, so that the server, and with
   * it its log and its statistics, never sees the password.
   */
  static void changePassword(Connection connection, String role, String password)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // A role that has a "role" setting logs in as another one, which may not change its password.
      statement.execute("SET ROLE NONE");
    }
    connection
        .unwrap(PGConnection.class)
        .alterUserPassword(role, password.toCharArray(), "scram-sha-256");
  }

  /** Proves that the session can run a statement, and changes nothing. */
  static void probe(Connection connection) throws SQLException {
    connection.setReadOnly(true);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT current_user, now()");
    }
  }
}
