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
   * Classes of the errors that password checks raise: feature_not_supported, data exceptions,
   * invalid_authorization_specification, errors of PL/pgSQL, and internal_error, which an extension
   * raises if it names no code.
   */
  private static final Set<String> CHECKED_PASSWORD = Set.of("0A", "22", "28", "P0", "XX");

  /** For all later locks of the transaction, since other sessions wait behind a waiting request. */
  private static final Duration LOCK_WAIT = Duration.ofSeconds(1);

  /** The default of PostgreSQL and pgjdbc. */
  private static final int ITERATIONS = 4096;

  private static final int SALT_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RoleSql() {}

  /**
   * Keeps other rotations of this user from changing anything until the transaction ends.
   *
   * <p>A rotation that holds the lock and then still finds its version staged AWSPENDING cannot
   * overwrite the password of a newer rotation, which has not taken the lock yet.
   */
  public static void lock(Session session, String user) throws SQLException {
    session.execute(
        "SELECT pg_advisory_xact_lock(hashtext('keyturn'), hashtext(%s)); SET LOCAL lock_timeout TO %d"
            .formatted(Sql.literal(user), LOCK_WAIT.toMillis()));
  }

  /**
   * Sets the password of a secret's user to a SCRAM-SHA-256 verifier computed here. The server
   * never sees the password, nor do its log and its statistics.
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
          "the server's password_encryption is %s, but the password of \"%s\" is stored as a SCRAM-SHA-256 verifier: an MD5 hash is as good as the password to anybody who reads it. Clients older than PostgreSQL 10's cannot log in with it"
              .formatted(server[0], secret.username()));
    }
  }

  /** Adds advice to the error of a password check in the server, which may refuse any verifier. */
  private static SQLException refused(SQLException failure) {
    String state = String.valueOf(failure.getSQLState());
    if (CHECKED_PASSWORD.stream().noneMatch(state::startsWith)) {
      return failure;
    }
    return new SQLException(
        ("%s. Keyturn sends a SCRAM-SHA-256 verifier, so that the server never sees the password. If"
                + " a check in the server refused it, let that accept verifiers: with credcheck set"
                + " credcheck.encrypted_password_allowed = on; in a passcheck function of pg_tle,"
                + " return where password_type is PASSWORD_TYPE_SCRAM_SHA_256. PASSWORD_LENGTH and the"
                + " EXCLUDE_ variables control the length and characters of passwords")
            .formatted(failure.getMessage()),
        state,
        failure);
  }

  /** Proves that the session can run statements. */
  public static void probe(Session session) throws SQLException {
    session.execute("SELECT current_user, now()");
  }

  /** Runs the operator's own statement. Its result does not matter, only its failure does. */
  public static void run(Session session, String statement) throws SQLException {
    session.execute("SET LOCAL search_path TO DEFAULT");
    try {
      session.execute(statement);
    } catch (SQLException e) {
      throw new SQLException("TEST_SQL failed: " + e.getMessage(), e.getSQLState(), e);
    }
  }
}
