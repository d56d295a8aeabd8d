package io.keyturn.rotator;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import java.sql.Connection;
import java.sql.SQLException;

/** testSecret: proves that the pending version logs in and can run a statement. */
final class TestSecret {
  private final SecretsManager secrets;
  private final PostgresLogin postgres;

  TestSecret(SecretsManager secrets, PostgresLogin postgres) {
    this.secrets = secrets;
    this.postgres = postgres;
  }

  void run(RotationEvent event, RotationLog log) {
    DatabaseSecret pending = secrets.pending(event.secretId(), event.token());
    try (Connection connection = postgres.open(pending, log::warn)) {
      RoleSql.probe(connection);
    } catch (SQLException e) {
      throw new RotationException(
          "The pending password does not work, AWSCURRENT stays where it is: " + e.getMessage(), e);
    }
    log.info("\"" + pending.username() + "\" logs in at " + pending.host());
  }
}
