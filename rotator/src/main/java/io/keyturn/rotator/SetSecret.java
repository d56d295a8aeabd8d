package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;

/** setSecret: makes the database accept the pending login. */
final class SetSecret {
  private final SecretsManager secrets;
  private final Strategies strategies;

  SetSecret(SecretsManager secrets, Strategies strategies) {
    this.secrets = secrets;
    this.strategies = strategies;
  }

  void run(RotationEvent event, RotationLog log) {
    DatabaseSecret pending = secrets.pending(event.secretId(), event.token());
    DatabaseSecret current = secrets.current(event.secretId());
    Strategy strategy = strategies.of(current);
    requireSame("username", pending, pending.username(), current, strategy.nextUsername(current));
    requireSame("host", pending, pending.host(), current, current.host());
    strategy.set(event, pending, current, log);
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
