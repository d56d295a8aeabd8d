package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Hint;
import io.keyturn.rotator.role.RoleSql;
import io.keyturn.rotator.role.Session;
import java.sql.SQLException;
import java.util.Optional;

/** testSecret: proves that the pending version logs in, and can do what the current one can. */
final class TestSecret {
  private final SecretsManager secrets;
  private final Strategies strategies;
  private final Optional<String> statement;

  /**
   * @param statement TEST_SQL: one more that must succeed, in a read-only transaction, which is
   *     rolled back
   */
  TestSecret(SecretsManager secrets, Strategies strategies, Optional<String> statement) {
    this.secrets = secrets;
    this.strategies = strategies;
    this.statement = statement;
  }

  void run(Invocation invocation) {
    DatabaseSecret pending = secrets.pending(invocation);
    Strategy strategy = strategies.of(pending);
    try (Session session = strategy.openPending(invocation, pending)) {
      session.readOnly(
          () -> {
            RoleSql.probe(session);
            strategy.requireEqualToCurrent(invocation, pending, session);
            if (statement.isPresent()) {
              RoleSql.run(session, statement.get());
            }
          });
    } catch (SQLException e) {
      throw new RotationException(
          "The pending login of %s failed its test, so AWSCURRENT was not moved: %s%s"
              .formatted(pending, e.getMessage(), Hint.of(e)),
          e);
    }
    invocation.info("\"%s\" logs in at %s".formatted(pending.username(), pending.host()));
  }
}
