package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** testSecret: proves that the pending version logs in, and can do what the current one can. */
final class TestSecret {
  private final SecretsManager secrets;
  private final Strategies strategies;
  private final Optional<String> statement;

  /**
   * @param statement TEST_SQL: one more that must succeed, in a read-only transaction
   */
  TestSecret(SecretsManager secrets, Strategies strategies, Optional<String> statement) {
    this.secrets = secrets;
    this.strategies = strategies;
    this.statement = statement;
  }

  void run(RotationEvent event, RotationLog log) {
    DatabaseSecret pending = secrets.pending(event.secretId(), event.token());
    Strategy strategy = strategies.of(pending);
    try (Connection session = strategy.openPending(pending, log)) {
      session.setReadOnly(true);
      RoleSql.probe(session);
      strategy.requireParity(event, pending, session, log);
      if (statement.isPresent()) {
        RoleSql.run(session, statement.get());
      }
    } catch (SQLException e) {
      throw new RotationException(
          "The pending login of "
              + pending
              + " does not pass, AWSCURRENT stays where it is: "
              + e.getMessage(),
          e);
    }
    log.info("\"" + pending.username() + "\" logs in at " + pending.host());
  }
}
