package io.keyturn.rotator;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A role in a real PostgreSQL, its secret in the local Secrets Manager, and the function that
 * rotates it.
 */
final class RotatedSecret implements AutoCloseable {
  static final String ROTATION_TOKEN = "6e0e4f5c-9d1b-4f8e-8f53-0f3f5b7a2c11";

  final TestSecretsManager secretsManager = new TestSecretsManager();
  final TestDatabase database;
  final TestRole role;
  final String arn;
  final TestContext context = new TestContext();
  private final RotationHandler function;

  /** What the function wrote about each step. */
  final List<String> lines = new CopyOnWriteArrayList<>();

  /** The token of the rotation under way. */
  String token;

  RotatedSecret() throws SQLException {
    this("app");
  }

  RotatedSecret(String rolePrefix) throws SQLException {
    this(TestDatabase.create(), rolePrefix, Map.of());
  }

  RotatedSecret(TestDatabase database, String rolePrefix, Map<String, String> environment)
      throws SQLException {
    this(database, database.createRole(rolePrefix), environment);
  }

  /** A role of this database, whether the server has it or not. */
  RotatedSecret(TestDatabase database, TestRole role) {
    this(database, role, Map.of());
  }

  private RotatedSecret(TestDatabase database, TestRole role, Map<String, String> environment) {
    this.database = database;
    this.role = role;
    arn = secretsManager.createSecret(json(role.name(), role.password()));
    Map<String, String> all = new HashMap<>(environment);
    all.put("SECRETS_MANAGER_ENDPOINT", secretsManager.endpoint().toString());
    function = new RotationHandler(all, lines::add);
  }

  /** The JSON of a secret for the test's database. */
  String json(String username, String password) {
    return "{\"engine\":\"postgres\",\"host\":%s,\"port\":%d,\"dbname\":%s,\"username\":%s,\"password\":%s}"
        .formatted(
            quote(database.postgres().host()),
            database.postgres().port(),
            quote(database.name()),
            quote(username),
            quote(password));
  }

  static String quote(String text) {
    return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  /** Begins a rotation without taking a step. */
  RotatedSecret begin() {
    token = secretsManager.startRotation(arn);
    return this;
  }

  /** Invokes the function for these steps of the rotation under way. */
  RotatedSecret step(String... steps) {
    for (String step : steps) {
      invoke(event(step, arn, token));
    }
    return this;
  }

  RotationHandler function() {
    return function;
  }

  /** Has the function check the secret. */
  SecretChecked check() {
    return SecretChecked.by(function, arn, context);
  }

  /** A whole rotation, step by step. */
  RotatedSecret rotate() {
    return begin().step("createSecret", "setSecret", "testSecret", "finishSecret");
  }

  /** Gives up the rotation under way, as somebody may who has it begin anew. */
  void abandon() {
    secretsManager
        .client()
        .updateSecretVersionStage(
            r -> r.secretId(arn).versionStage("AWSPENDING").removeFromVersionId(token));
  }

  static String event(String step, String secretId, String token) {
    return "{\"Step\":%s,\"SecretId\":%s,\"ClientRequestToken\":%s,\"RotationToken\":%s}"
        .formatted(quote(step), quote(secretId), quote(token), quote(ROTATION_TOKEN));
  }

  void invoke(String event) {
    invoke(event, context);
  }

  void invoke(String event, Context lambda) {
    invoke(event.getBytes(StandardCharsets.UTF_8), lambda);
  }

  void invoke(byte[] event, Context lambda) {
    function.handleRequest(new ByteArrayInputStream(event), new ByteArrayOutputStream(), lambda);
  }

  /** Puts a value as AWSCURRENT, by hand, and makes it what the next rotation starts from. */
  void putCurrent(String json) {
    secretsManager.client().putSecretValue(r -> r.secretId(arn).secretString(json));
  }

  /** Writes AWSCURRENT by its label, which leaves a rotation under way as it is. */
  void editCurrent(String json) {
    secretsManager
        .client()
        .putSecretValue(r -> r.secretId(arn).versionStages("AWSCURRENT").secretString(json));
  }

  /**
   * Gives the version of the rotation under way a value, as somebody may who can write the secret.
   */
  void putPending(String json) {
    secretsManager
        .client()
        .putSecretValue(
            r ->
                r.secretId(arn)
                    .clientRequestToken(token)
                    .versionStages("AWSPENDING")
                    .secretString(json));
  }

  String password(String label) {
    return DatabaseSecret.parse(secretsManager.value(arn, label), label).password();
  }

  Map<String, List<String>> labels() {
    return secretsManager.labels(arn);
  }

  boolean logsIn(String password) throws SQLException {
    return database.canLogIn(role.name(), password);
  }

  @Override
  public void close() throws SQLException {
    secretsManager.close();
    database.close();
  }
}
