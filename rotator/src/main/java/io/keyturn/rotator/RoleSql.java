package io.keyturn.rotator;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;

/** The statements that every strategy needs. */
final class RoleSql {
  private RoleSql() {}

  /**
   * Sets a role's password to a SCRAM-SHA-256 verifier computed here, so that the server, and with
   * it its log and its statistics, never sees the password.
   */
  static void changePassword(Connection connection, String role, String password)
      throws SQLException {
    // A role that has a "role" setting logs in as another one, which may not change its password.
    Sql.execute(connection, "SET ROLE NONE");
    connection
        .unwrap(PGConnection.class)
        .alterUserPassword(role, password.toCharArray(), "scram-sha-256");
  }

  /** Proves that the session can run a statement. */
  static void probe(Connection connection) throws SQLException {
    Sql.execute(connection, "SELECT current_user, now()");
  }

  /** Runs the operator's own statement, of which only the failure counts. */
  static void run(Connection connection, String statement) throws SQLException {
    try {
      Sql.execute(connection, statement);
    } catch (SQLException e) {
      throw new SQLException(
          "TEST_SQL failed (SQLSTATE " + e.getSQLState() + "): " + e.getMessage(),
          e.getSQLState(),
          e);
    }
  }
}
