package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;

/**
 * createSecret: gives the pending version a new password, and keeps everything else that the
 * current version holds.
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

  void run(Invocation invocation) {
    DatabaseSecret current = secrets.current(invocation);
    Strategy strategy = strategies.of(current);
    invocation.record().strategy(strategy.name());
    String username = strategy.nextUsername(current);
    invocation.record().login(current.host(), username);
    DatabaseSecret pending = current.withPassword(passwords.generate());
    if (!username.equals(current.username())) {
      pending = pending.withUsername(username);
    }
    boolean created = secrets.putPending(invocation, pending);
    invocation.info(
        created
            ? "a new password for \"%s\" is staged AWSPENDING".formatted(username)
            : "the version keeps the password from an earlier attempt");
  }
}
