package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.ConnectionLimit;
import io.keyturn.rotator.role.Hint;
import io.keyturn.rotator.role.LimitsInUse;
import io.keyturn.rotator.role.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tries the logins of a secret's versions, and keeps the server's reason for each one that it
 * refused.
 */
final class LoginAttempts {
  private final PostgresLogin postgres;
  private final Invocation invocation;
  private final Optional<Admin> admin;
  private final List<Exception> refusals = new ArrayList<>();

  /**
   * @param admin at whose server the logins are tried, if there is one
   */
  LoginAttempts(PostgresLogin postgres, Invocation invocation, Optional<Admin> admin) {
    this.postgres = postgres;
    this.invocation = invocation;
    this.admin = admin;
  }

  /**
   * A session with this login, or null if the server refuses it.
   *
   * @throws RotationException if the server could not be asked
   */
  Session open(DatabaseSecret secret) {
    try {
      return Session.open(postgres, secret, invocation);
    } catch (SQLException e) {
      if (!PostgresLogin.isRefusal(e)) {
        throw new RotationException(e.getMessage() + limits(secret, e) + Hint.of(e), e);
      }
      refusals.add(e);
      return null;
    }
  }

  /**
   * Whether the server takes this user and password, even where the user may not connect to the
   * database: it checks that privilege after the password.
   */
  boolean works(DatabaseSecret secret) {
    try (Session session = open(secret)) {
      return session != null;
    } catch (RotationException e) {
      if (e.getCause() instanceof SQLException reason && isWithoutConnect(reason)) {
        return true;
      }
      throw e;
    } catch (SQLException e) {
      throw new RotationException(e.getMessage(), e);
    }
  }

  /** The connection limits that are used up, which only another user can look up. */
  private String limits(DatabaseSecret secret, SQLException failure) {
    if (admin.isEmpty() || !ConnectionLimit.isReached(failure)) {
      return "";
    }
    try (Session session = admin.get().open()) {
      return LimitsInUse.describe(session, secret.username());
    } catch (SQLException e) {
      failure.addSuppressed(e);
      return "";
    }
  }

  /** Whether the user lacks CONNECT: at a login, insufficient_privilege means that. */
  private static boolean isWithoutConnect(SQLException failure) {
    return "42501".equals(failure.getSQLState());
  }

  /** Keeps the reason why a version could not be read, so that its login was not tried. */
  void suppress(Exception reason) {
    refusals.add(reason);
  }

  /**
   * The error for a secret none of whose versions logs in.
   *
   * @param host where the logins were tried
   */
  RotationException noneWorks(DatabaseSecret current, String host) {
    return failure(
        ("None of AWSPENDING, AWSCURRENT and AWSPREVIOUS of secret %s, nor any of the %d newest"
                + " versions without a staging label, logs in to %s as \"%s\". Set the role's"
                + " password to that of AWSCURRENT, or put the role's password into the secret, and"
                + " rotate again")
            .formatted(invocation.secretId(), SecretsManager.UNLABELLED, host, current.username()));
  }

  /** An error with the reasons of all refused logins as suppressed exceptions. */
  RotationException failure(String message) {
    RotationException failure = new RotationException(message);
    refusals.forEach(failure::addSuppressed);
    return failure;
  }
}
