package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;

/**
 * createSecret: gives the pending version a new password, and whatever else the current version
 * holds.
 */
final class CreateSecret {
  private final SecretsManager secrets;
  private final PasswordPolicy passwords;
  private final Strategies strategies;

  CreateSecret(SecretsManager secrets, PasswordPolicy passwords, Strategies strategies) {
    this.secrets = secrets;
    this.passwords = passwords;
    this.strategies = strategies;
  }

  void run(RotationEvent event, RotationLog log) {
    DatabaseSecret current = secrets.current(event.secretId());
    String username = strategies.of(current).nextUsername(current);
    DatabaseSecret pending = current.withPassword(passwords.generate());
    if (!username.equals(current.username())) {
      pending = pending.withUsername(username);
    }
    boolean created = secrets.putPending(event.secretId(), event.token(), pending);
    log.info(
        created
            ? "a new password for \"" + username + "\" is staged AWSPENDING"
            : "the version has a password from an earlier attempt, which is kept");
  }
}
