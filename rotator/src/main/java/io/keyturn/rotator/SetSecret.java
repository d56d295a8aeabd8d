package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;

/** setSecret: makes the database accept the pending login. */
final class SetSecret {
  private final SecretsManager secrets;
  private final Strategies strategies;

  SetSecret(SecretsManager secrets, Strategies strategies) {
    this.secrets = secrets;
    this.strategies = strategies;
  }

  void run(Invocation invocation) {
    DatabaseSecret current = secrets.current(invocation);
    Strategy strategy = strategies.of(current);
    invocation.record().strategy(strategy.name());
    invocation.record().login(current.host(), strategy.nextUsername(current));
    strategy.set(invocation, current);
  }
}
