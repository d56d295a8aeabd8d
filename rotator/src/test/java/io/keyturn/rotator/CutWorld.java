package io.keyturn.rotator;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.wire.AwsJsonProtocol;
import io.keyturn.testing.wire.Wire;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What cut rotations need and may share: a database with an admin as RDS has it, a Secrets Manager,
 * and wires to both. One thread works in it at a time.
 */
final class CutWorld implements AutoCloseable {
  final TestDatabase database;

  /** The databases in which the users work. The first is that of the secrets. */
  final List<TestDatabase> databases;

  final TestRole admin;
  final TestSecretsManager secretsManager = new TestSecretsManager();
  final String adminArn;
  private final Wire toPostgres;
  private final Wire toSecretsManager;
  private Wire.Fate fate = request -> Wire.Verdict.PASS;

  CutWorld(TestDatabase database, TestRole admin) {
    this(List.of(database), admin);
  }

  CutWorld(List<TestDatabase> databases, TestRole admin) {
    this.databases = databases;
    database = databases.get(0);
    this.admin = admin;
    toPostgres = database.postgres().wire(request -> fate().of(request));
    toSecretsManager =
        new Wire(
            secretsManager.endpoint().getHost(),
            secretsManager.endpoint().getPort(),
            new AwsJsonProtocol(),
            request -> fate().of(request));
    adminArn = secretsManager.createSecret(json(admin.name(), admin.password(), null));
  }

  private synchronized Wire.Fate fate() {
    return fate;
  }

  /** What becomes of the exchanges from now on. */
  synchronized void fate(Wire.Fate next) {
    fate = next;
  }

  /** A function whose every word goes through the wires. */
  RotationHandler function(Map<String, String> environment) {
    Map<String, String> all = new HashMap<>(environment);
    all.put("SECRETS_MANAGER_ENDPOINT", "http://127.0.0.1:" + toSecretsManager.port());
    return new RotationHandler(all, line -> {});
  }

  /** A secret's JSON whose host and port are the wire's. */
  String json(String username, String password, String admin) {
    return "{\"engine\":\"postgres\",\"host\":\"127.0.0.1\",\"port\":%d,\"dbname\":%s,\"username\":%s,\"password\":%s%s}"
        .formatted(
            toPostgres.port(),
            RotatedSecret.quote(database.name()),
            RotatedSecret.quote(username),
            RotatedSecret.quote(password),
            admin == null ? "" : ",\"masterarn\":" + RotatedSecret.quote(admin));
  }

  boolean logsIn(String username, String password) throws SQLException {
    return database.canLogIn(username, password);
  }

  @Override
  public void close() {
    toPostgres.close();
    toSecretsManager.close();
    secretsManager.close();
  }
}
