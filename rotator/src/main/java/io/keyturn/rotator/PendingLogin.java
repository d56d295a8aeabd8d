package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;

/** Reads the pending version for setSecret, if it is for the user and host that it must be for. */
final class PendingLogin {
  private final SecretsManager secrets;

  PendingLogin(SecretsManager secrets) {
    this.secrets = secrets;
  }

  /**
   * The pending version, which is still the one under rotation at this moment.
   *
   * @param username that the strategy gives it
   * @throws RotationException if a newer rotation has replaced it, or it names another user or host
   */
  DatabaseSecret read(Invocation invocation, DatabaseSecret current, String username) {
    DatabaseSecret pending = secrets.pending(invocation);
    requireSame("username", pending, pending.username(), current, username);
    requireSame("host", pending, pending.host(), current, current.host());
    return pending;
  }

  /**
   * A changed user or host would let whoever can write the secret have another role's password
   * changed.
   */
  static void requireSame(
      String key, DatabaseSecret pending, String pendingValue, DatabaseSecret other, String value) {
    if (!pendingValue.equals(value)) {
      throw new RotationException(
          "Key \""
              + key
              + "\" is \""
              + pendingValue
              + "\" in "
              + pending
              + ", but by "
              + other
              + " it must be \""
              + value
              + "\". Nothing was changed: remove AWSPENDING from that version with UpdateSecretVersionStage, and rotate"
              + " again");
    }
  }
}
