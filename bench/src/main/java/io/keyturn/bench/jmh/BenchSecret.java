package io.keyturn.bench.jmh;

import io.keyturn.postgres.DatabaseSecret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** The secret that {@link JmhCommand} has made, as JMH's processes find it. */
final class BenchSecret {
  private BenchSecret() {}

  static DatabaseSecret read() {
    try (SecretsManagerClient client = SecretsManagerClient.create()) {
      String id = System.getenv(JmhCommand.SECRET_ID);
      return DatabaseSecret.parse(client.getSecretValue(r -> r.secretId(id)).secretString(), id);
    }
  }

  static Connection login(DatabaseSecret secret) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + secret.host() + ":" + secret.port() + "/" + secret.database(),
        secret.username(),
        secret.password());
  }
}
