package io.keyturn.bench.measure;

import io.keyturn.postgres.DatabaseSecret;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Reads the secret of a {@link ForkedJvm}. */
public final class BenchSecret {
  private BenchSecret() {}

  public static DatabaseSecret read() {
    try (SecretsManagerClient client = SecretsManagerClient.create()) {
      String id = System.getenv(ForkedJvm.SECRET_ID);
      return DatabaseSecret.parse(client.getSecretValue(r -> r.secretId(id)).secretString(), id);
    }
  }

  public static Connection login(DatabaseSecret secret) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://" + secret.host() + ":" + secret.port() + "/" + secret.database(),
        secret.username(),
        secret.password());
  }
}
