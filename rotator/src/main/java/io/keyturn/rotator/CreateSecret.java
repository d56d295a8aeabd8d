package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;

/**
 * createSecret: gives the pending version a new password, and whatever else the current version
 * holds.
 */
final class CreateSecret {
  private final SecretsManager secrets;
  private final PasswordPolicy passwords;

  CreateSecret(SecretsManager secrets, PasswordPolicy passwords) {
    this.secrets = secrets;
    this.passwords = passwords;
  }

  void run(RotationEvent event, RotationLog log) {
    DatabaseSecret current = secrets.current(event.secretId());
    boolean created =
        secrets.putPending(
            event.secretId(), event.token(), current.withPassword(passwords.generate()));
    log.info(
        created
            ? "a new password is staged AWSPENDING"
            : "the version has a password from an earlier attempt, which is kept");
  }
}
