package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.rotator.role.Sql;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A user that alternates with its twin, and an admin as RDS has it: no superuser, but CREATEROLE,
 * and maker of the user.
 */
final class AlternatingSecret implements AutoCloseable {
  final TestSecretsManager secretsManager = new TestSecretsManager();
  final TestDatabase database;
  final TestContext context = new TestContext();
  final TestRole admin;
  final TestRole app;
  final String twin;
  final String adminArn;
  final String arn;
  private final RotationHandler function;

  /** What the function wrote about each step. */
  final List<String> lines = new CopyOnWriteArrayList<>();

  String token;

  AlternatingSecret() throws SQLException {
    this("app", Map.of());
  }

  AlternatingSecret(String prefix, Map<String, String> environment) throws SQLException {
    this(
        TestDatabase.create(),
        // The longest suffix must still fit.
        new TestRole(TestDatabase.unique(prefix), UUID.randomUUID().toString()),
        environment);
  }

  AlternatingSecret(TestDatabase database, TestRole app, Map<String, String> environment)
      throws SQLException {
    this.database = database;
    this.app = app;
    admin = database.createRole("admin", "LOGIN CREATEROLE CREATEDB");
    twin = app.name() + "_clone";
    database.run("GRANT CREATE ON DATABASE " + quoted(database.name()) + " TO " + admin.quoted());
    asAdmin("CREATE ROLE " + app.quoted() + " LOGIN");
    database.run(
        "ALTER ROLE %s PASSWORD '%s'"
            .formatted(app.quoted(), TestPostgres.verifier(app.password())));
    database.dropLater(app.name());
    database.dropLater(twin);
    asAdmin("CREATE SCHEMA shop; GRANT USAGE, CREATE ON SCHEMA shop TO " + app.quoted());
    adminArn = secretsManager.createSecret(json(admin.name(), admin.password(), null));
    arn = secretsManager.createSecret(json(app.name(), app.password(), adminArn));
    Map<String, String> all = new HashMap<>(environment);
    all.put("SECRETS_MANAGER_ENDPOINT", secretsManager.endpoint().toString());
    function = new RotationHandler(all, lines::add);
  }

  String json(String username, String password, String admin) {
    return "{\"engine\":\"postgres\",\"host\":%s,\"port\":%d,\"dbname\":%s,\"username\":%s,\"password\":%s%s}"
        .formatted(
            RotatedSecret.quote(database.postgres().host()),
            database.postgres().port(),
            RotatedSecret.quote(database.name()),
            RotatedSecret.quote(username),
            RotatedSecret.quote(password),
            admin == null ? "" : ",\"masterarn\":" + RotatedSecret.quote(admin));
  }

  static String quoted(String name) {
    return Sql.name(name);
  }

  String quotedTwin() {
    return quoted(twin);
  }

  AlternatingSecret begin() {
    token = secretsManager.startRotation(arn);
    return this;
  }

  AlternatingSecret step(String... steps) {
    for (String step : steps) {
      step(step, context);
    }
    return this;
  }

  void step(String step, TestContext context) {
    function.handleRequest(
        new ByteArrayInputStream(
            RotatedSecret.event(step, arn, token).getBytes(StandardCharsets.UTF_8)),
        new ByteArrayOutputStream(),
        context);
  }

  /** Takes a step that is given less time than the function would wait for a replica. */
  AlternatingSecret hurriedStep(String step) {
    step(step, new TestContext(Duration.ofSeconds(4)));
    return this;
  }

  /** Takes a step that must fail, changes neither a label nor a role, and is what a check names. */
  Throwable refusal(String step) throws SQLException {
    Throwable failure = refusalAlone(step);
    assertThat(check().blocks())
        .as("what a check says of the step that is refused")
        .anyMatch(
            reason ->
                reason.contains(failure.getMessage()) || failure.getMessage().contains(reason));
    return failure;
  }

  /** Takes a step that must fail, and changes neither a label nor a role. */
  Throwable refusalAlone(String step) throws SQLException {
    Catalog roles = Catalog.read(database.postgres());
    Map<String, List<String>> labels = secretsManager.labels(arn);
    Throwable failure = catchThrowable(() -> step(step));
    assertThat(failure).as(step).isInstanceOf(RotationException.class);
    assertThat(secretsManager.labels(arn)).isEqualTo(labels);
    assertThat(roles.changesUntil(Catalog.read(database.postgres())))
        .as("what changed of the users, although: %s", failure.getMessage())
        .noneMatch(entry -> entry.contains(app.name()));
    return failure;
  }

  /** Has the function check the secret, which must change nothing. */
  SecretChecked check() {
    return SecretChecked.by(function, arn, context);
  }

  AlternatingSecret rotate() {
    return begin().step("createSecret", "setSecret", "testSecret", "finishSecret");
  }

  /** Puts a value as AWSCURRENT, by hand. */
  void putCurrent(String json) {
    secretsManager.client().putSecretValue(r -> r.secretId(arn).secretString(json));
  }

  /** Gives the roles other passwords, so that no version of the secret has one that works. */
  void changePasswordsByHand() throws SQLException {
    for (String role : List.of(app.name(), twin)) {
      if (database.hasRole(role)) {
        database.run("ALTER ROLE %s PASSWORD 'by hand'".formatted(quoted(role)));
      }
    }
  }

  /** Writes AWSCURRENT by its label, which leaves a rotation under way as it is. */
  void editCurrent(String json) {
    secretsManager
        .client()
        .putSecretValue(r -> r.secretId(arn).versionStages("AWSCURRENT").secretString(json));
  }

  /** Stages a value AWSPENDING in the admin's secret, as a rotation of it does. */
  void stageAdmin(String json) {
    secretsManager
        .client()
        .putSecretValue(r -> r.secretId(adminArn).versionStages("AWSPENDING").secretString(json));
  }

  /** Puts a value as AWSCURRENT of the admin's secret. */
  void putAdmin(String json) {
    secretsManager.client().putSecretValue(r -> r.secretId(adminArn).secretString(json));
  }

  DatabaseSecret secret(String label) {
    return DatabaseSecret.parse(secretsManager.value(arn, label), label);
  }

  boolean logsIn(String label) throws SQLException {
    DatabaseSecret secret = secret(label);
    return database.canLogIn(secret.username(), secret.password());
  }

  /** A session with the secret's current login. */
  Connection current() throws SQLException {
    DatabaseSecret secret = secret("AWSCURRENT");
    return database.login(secret.username(), secret.password());
  }

  void asCurrent(String sql) throws SQLException {
    try (Connection connection = current();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The first column of the first row that the current login sees. */
  String currentSees(String sql) throws SQLException {
    try (Connection connection = current();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  void asAdmin(String sql) throws SQLException {
    try (Connection connection = database.login(admin);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** What AWS's template makes of the two users, with the twin being current. */
  void leaveAsAwsTemplateDoes() throws SQLException {
    String password = UUID.randomUUID().toString();
    asAdmin(
        "CREATE ROLE %s LOGIN; GRANT %s TO %s".formatted(quotedTwin(), app.quoted(), quotedTwin()));
    database.run(
        "ALTER ROLE %s PASSWORD '%s'".formatted(quotedTwin(), TestPostgres.verifier(password)));
    putCurrent(json(twin, password, adminArn));
  }

  @Override
  public void close() throws SQLException {
    secretsManager.close();
    database.close();
  }
}
