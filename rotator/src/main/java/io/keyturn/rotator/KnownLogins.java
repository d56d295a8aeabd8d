package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the version of a secret whose password the database has, and keeps what it said of the
 * others.
 */
final class KnownLogins {
  private final PostgresLogin postgres;
  private final RotationLog log;
  private final List<SQLException> refusals = new ArrayList<>();

  KnownLogins(PostgresLogin postgres, RotationLog log) {
    this.postgres = postgres;
    this.log = log;
  }

  /**
   * A session with this login, or null if the server refuses it.
   *
   * @throws RotationException if the server could not be asked
   */
  Connection open(DatabaseSecret secret) {
    try {
      return postgres.open(secret, log::warn);
    } catch (SQLException e) {
      if (!PostgresLogin.isRefusal(e)) {
        throw new RotationException(e.getMessage(), e);
      }
      refusals.add(e);
      return null;
    }
  }

  /** Whether the server takes this login. */
  boolean works(DatabaseSecret secret) {
    try (Connection connection = open(secret)) {
      return connection != null;
    } catch (SQLException e) {
      throw new RotationException(e.getMessage(), e);
    }
  }

  /** An error with what the server said of every login that it refused. */
  RotationException failure(String message) {
    RotationException failure = new RotationException(message);
    refusals.forEach(failure::addSuppressed);
    return failure;
  }
}
