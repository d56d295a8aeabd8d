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
   * <p>One for another user or host would let whoever can write the secret have another role's
   * password changed. It may also come from a createSecret so late that AWSCURRENT has moved
   * meanwhile. Either way no retry can complete it, so it is given up.
   *
   * @param username that the strategy gives it
   * @throws RotationException if a newer rotation has replaced it, or it names another user or host
   */
  DatabaseSecret read(Invocation invocation, DatabaseSecret current, String username) {
    DatabaseSecret pending = secrets.pending(invocation);
    if (!pending.username().equals(username)) {
      throw giveUp(invocation, "username", pending, pending.username(), current, username);
    }
    if (!pending.host().equals(current.host())) {
      throw giveUp(invocation, "host", pending, pending.host(), current, current.host());
    }
    return pending;
  }

  private RotationException giveUp(
      Invocation invocation,
      String key,
      DatabaseSecret pending,
      String value,
      DatabaseSecret current,
      String expected) {
    String problem =
        "Key \""
            + key
            + "\" is \""
            + value
            + "\" in "
            + pending
            + ", but by "
            + current
            + " it must be \""
            + expected
            + "\". The database was not changed, ";
    try {
      secrets.abandon(invocation);
      return new RotationException(
          problem + "and AWSPENDING was taken from that version: rotate again");
    } catch (RotationException e) {
      RotationException failure =
          new RotationException(
              problem
                  + "but AWSPENDING could not be taken from that version: remove it with UpdateSecretVersionStage, and"
                  + " rotate again");
      failure.addSuppressed(e);
      return failure;
    }
  }
}
