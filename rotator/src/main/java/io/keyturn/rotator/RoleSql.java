package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import java.sql.SQLException;
import java.util.Set;

/** The statements that every strategy needs. */
final class RoleSql {
  /**
   * What checks of passwords answer: feature_not_supported, data exceptions,
   * invalid_authorization_specification, errors of PL/pgSQL, and internal_error, where an extension
   * names none.
   */
  private static final Set<String> CHECKED_PASSWORD = Set.of("0A", "22", "28", "P0", "XX");

  private RoleSql() {}

  /**
   * Keeps other rotations of this user from changing anything until the transaction ends.
   *
   * <p>Who holds the lock and then still finds its version staged AWSPENDING cannot overwrite what
   * a newer rotation has set: that one is yet to take the lock.
   */
  static void lock(Session session, String user) throws SQLException {
    session.rows("SELECT pg_advisory_xact_lock(hashtext('keyturn'), hashtext(?))::text", user);
  }

  /**
   * Sets the password of a secret's user to a SCRAM-SHA-256 verifier computed here, so that the
   * server, and with it its log and its statistics, never sees the password.
   */
  static void changePassword(Invocation invocation, Session session, DatabaseSecret secret)
      throws SQLException {
    // A role that has a "role" setting logs in as another one, which may not change its password.
    String encryption =
        session.rows(
                "SELECT current_setting('password_encryption'), set_config('role', 'none', false)")
            .get(0)[0];
    try {
      session.setVerifier(secret.username(), secret.password());
    } catch (SQLException e) {
      throw refused(e);
    }
    if (!encryption.equals("scram-sha-256")) {
      invocation.warn(
          "the server's password_encryption is "
              + encryption
              + ", but the password of \""
              + secret.username()
              + "\" is kept as a SCRAM-SHA-256 verifier: an MD5 hash would serve whoever reads it as the password"
              + " itself. Clients older than PostgreSQL 10's cannot log in with it");
    }
  }

  /** A check in the server that refuses what is no plaintext has a SQLSTATE of its own making. */
  private static SQLException refused(SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    if (CHECKED_PASSWORD.stream().noneMatch(state::startsWith)) {
      return failure;
    }
    return new SQLException(
        ("%s. Keyturn sends a SCRAM-SHA-256 verifier, so that the server never sees the password. If"
                + " a check in the server refused it, let that accept verifiers: with credcheck set"
                + " credcheck.encrypted_password_allowed = on; in a passcheck function of pg_tle,"
                + " return where password_type is PASSWORD_TYPE_SCRAM_SHA_256. What a password is"
                + " made of, PASSWORD_LENGTH and the EXCLUDE_ variables say")
            .formatted(failure.getMessage()),
        state,
        failure);
  }

  /** Proves that the session can run a statement. */
  static void probe(Session session) throws SQLException {
    session.execute("SELECT current_user, now()");
  }

  /** Runs the operator's own statement, of which only the failure counts. */
  static void run(Session session, String statement) throws SQLException {
    try {
      session.execute(statement);
    } catch (SQLException e) {
      throw new SQLException("TEST_SQL failed: " + e.getMessage(), e.getSQLState(), e);
    }
  }
}
