package io.keyturn.rotator.role;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.postgresql.util.PasswordUtil;

/** The statements that every strategy needs. */
public final class RoleSql {
  /**
   * What checks of passwords answer: feature_not_supported, data exceptions,
   * invalid_authorization_specification, errors of PL/pgSQL, and internal_error, where an extension
   * names none.
   */
  private static final Set<String> CHECKED_PASSWORD = Set.of("0A", "22", "28", "P0", "XX");

  /** For all later locks of the transaction: others may have to wait behind a request for one. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(1);

  /** What PostgreSQL and pgjdbc use where nothing else is set. */
  private static final int ITERATIONS = 4096;

  private static final int SALT_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RoleSql() {}

  /**
   * Keeps other rotations of this user from changing anything until the transaction ends.
   *
   * <p>Who holds the lock and then still finds its version staged AWSPENDING cannot overwrite what
   * a newer rotation has set: that one is yet to take the lock.
   */
  public static void lock(Session session, String user) throws SQLException {
    session.execute(
        "SELECT pg_advisory_xact_lock(hashtext('keyturn'), hashtext(%s)); SET LOCAL lock_timeout TO %d"
            .formatted(Sql.literal(user), LOCK_WAIT.toMillis()));
  }

  /**
   * Sets the password of a secret's user to a SCRAM-SHA-256 verifier computed here, so that the
   * server, and with it its log and its statistics, never sees the password.
   */
  public static void changePassword(Invocation invocation, Session session, DatabaseSecret secret)
      throws SQLException {
    String[] server =
        session
            .rows(
                "SELECT current_setting('password_encryption'), current_setting('scram_iterations', true)")
            .get(0);
    // Before PostgreSQL 16 the server has no such setting.
    int iterations = server[1] == null ? ITERATIONS : Integer.parseInt(server[1]);
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    String verifier =
        PasswordUtil.encodeScramSha256(secret.password().toCharArray(), iterations, salt);
    try {
      session.execute(
          "ALTER ROLE %s PASSWORD %s"
              .formatted(Sql.name(secret.username()), Sql.literal(verifier)));
    } catch (SQLException e) {
      throw refused(e);
    }
    if (!server[0].equals("scram-sha-256")) {
      invocation.warn(
          "the server's password_encryption is "
              + server[0]
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
  public static void probe(Session session) throws SQLException {
    session.execute("SELECT current_user, now()");
  }

  /** Runs the operator's own statement, of which only the failure counts. */
  public static void run(Session session, String statement) throws SQLException {
    session.execute("SET LOCAL search_path TO DEFAULT");
    try {
      session.execute(statement);
    } catch (SQLException e) {
      throw new SQLException("TEST_SQL failed: " + e.getMessage(), e.getSQLState(), e);
    }
  }
}
