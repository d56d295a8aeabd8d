package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * setSecret: makes the database accept the pending password, logged in as the user itself.
 *
 * <p>The pending password is tried first, since an earlier attempt may have set it; then the
 * current one; and where neither is right, as after a rotation that was abandoned, the previous
 * one.
 */
final class SetSecret {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;

  SetSecret(SecretsManager secrets, PostgresLogin postgres) {
    this.secrets = secrets;
    this.postgres = postgres;
  }

  void run(RotationEvent event, RotationLog log) {
    DatabaseSecret pending = secrets.pending(event.secretId(), event.token());
    DatabaseSecret current = secrets.current(event.secretId());
    requireSameUser(pending, current);

    List<SQLException> refusals = new ArrayList<>();
    if (logsIn(pending, refusals, log)) {
      log.info("the database has the pending password already");
      return;
    }
    if (changePassword(current, pending, refusals, log)) {
      return;
    }
    Optional<DatabaseSecret> previous = secrets.previous(event.secretId());
    if (previous.isPresent()) {
      requireSameUser(pending, previous.get());
      if (changePassword(previous.get(), pending, refusals, log)) {
        return;
      }
    }
    throw nobodyLogsIn(event, pending, refusals);
  }

  /**
   * A changed user or host would let whoever can write the secret have another role's password
   * changed.
   */
  private static void requireSameUser(DatabaseSecret pending, DatabaseSecret other) {
    requireSame("username", pending, pending.username(), other, other.username());
    requireSame("host", pending, pending.host(), other, other.host());
  }

  private static void requireSame(
      String key, DatabaseSecret pending, String pendingValue, DatabaseSecret other, String value) {
    if (!pendingValue.equals(value)) {
      throw new RotationException(
          "Key \""
              + key
              + "\" is \""
              + pendingValue
              + "\" in "
              + pending
              + ", but \""
              + value
              + "\" in "
              + other
              + ". Nothing was changed: remove AWSPENDING from that version with UpdateSecretVersionStage, and rotate"
              + " again");
    }
  }

  private boolean logsIn(DatabaseSecret secret, List<SQLException> refusals, RotationLog log) {
    try (Connection connection = open(secret, refusals, log)) {
      return connection != null;
    } catch (SQLException e) {
      throw new RotationException(e.getMessage(), e);
    }
  }

  private boolean changePassword(
      DatabaseSecret login, DatabaseSecret pending, List<SQLException> refusals, RotationLog log) {
    try (Connection connection = open(login, refusals, log)) {
      if (connection == null) {
        return false;
      }
      RoleSql.changePassword(connection, pending.username(), pending.password());
      log.info(
          "the password of \""
              + pending.username()
              + "\" at "
              + pending.host()
              + " was changed, logged in with "
              + login);
      return true;
    } catch (SQLException e) {
      throw new RotationException(
          "The password of \""
              + pending.username()
              + "\" at "
              + pending.host()
              + " could not be changed to that of "
              + pending
              + ", logged in with "
              + login
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** A connection, or null if the server refuses this user and password. */
  private Connection open(DatabaseSecret secret, List<SQLException> refusals, RotationLog log)
      throws SQLException {
    try {
      return postgres.open(secret, log::warn);
    } catch (SQLException e) {
      if (!PostgresLogin.isRefusal(e)) {
        throw e;
      }
      refusals.add(e);
      return null;
    }
  }

  private static RotationException nobodyLogsIn(
      RotationEvent event, DatabaseSecret pending, List<SQLException> refusals) {
    RotationException failure =
        new RotationException(
            "None of AWSPENDING, AWSCURRENT and AWSPREVIOUS of secret "
                + event.secretId()
                + " logs in to "
                + pending.host()
                + " as \""
                + pending.username()
                + "\". Set the role's password to that of AWSCURRENT, or put the right one into the secret, and"
                + " rotate again");
    refusals.forEach(failure::addSuppressed);
    return failure;
  }
}
