package io.keyturn.consumer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.datasource.RotatingSecret;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** A database, the secret of a role in it, and the function that queries it. */
final class QueriedDatabase implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  final TestSecretsManager secretsManager = new TestSecretsManager();
  final TestDatabase database;
  final TestRole role;
  TestContext context = new TestContext();
  final String arn;
  private final String host;
  private final int port;
  private final QueryHandler function;

  QueriedDatabase() throws SQLException {
    this(Map.of());
  }

  QueriedDatabase(Map<String, String> environment) throws SQLException {
    this(TestDatabase.create(), environment);
  }

  QueriedDatabase(TestDatabase database, Map<String, String> environment) throws SQLException {
    this(database, environment, database.postgres().host(), database.postgres().port());
  }

  /** A function that reaches the database at another place than its own. */
  QueriedDatabase(TestDatabase database, Map<String, String> environment, String host, int port)
      throws SQLException {
    this.database = database;
    this.host = host;
    this.port = port;
    role = database.createRole("app");
    arn = secretsManager.createSecret(json(role.password()).toString());
    Map<String, String> all = new HashMap<>(environment);
    all.put("SECRET_ID", arn);
    function =
        new QueryHandler(Settings.of(all), RotatingSecret.of(arn, secretsManager.functionClient()));
  }

  ObjectNode json(String password) {
    return JSON.createObjectNode()
        .put("engine", "postgres")
        .put("host", host)
        .put("port", port)
        .put("dbname", database.name())
        .put("username", role.name())
        .put("password", password);
  }

  /** Invokes the function with a request, and parses what it answers. */
  JsonNode invoke(String request) throws IOException {
    return JSON.readTree(answer(request));
  }

  /** Invokes the function with a request, and returns what it answers. */
  String answer(String request) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    function.handleRequest(
        new ByteArrayInputStream(request.getBytes(StandardCharsets.UTF_8)), answer, context);
    return answer.toString(StandardCharsets.UTF_8);
  }

  JsonNode query(String sql) throws IOException {
    return invoke(JSON.createObjectNode().put("sql", sql).toString());
  }

  /**
   * With parameters such as {@code {"name":"id","value":{"longValue":1}}}, without the list's
   * brackets.
   */
  JsonNode query(String sql, String parameters) throws IOException {
    ObjectNode request = JSON.createObjectNode().put("sql", sql);
    request.set("parameters", JSON.readTree("[" + parameters + "]"));
    return invoke(request.toString());
  }

  /** The single value of a result of one row and one column. */
  JsonNode value(String sql) throws IOException {
    return query(sql).at("/records/0/0");
  }

  /** Which server process serves the function's connection now. */
  long backend() throws IOException {
    return value("SELECT pg_backend_pid()").get("longValue").longValue();
  }

  /** Changes the role's password in the database, as setSecret does. */
  void setDatabasePassword(String password) throws SQLException {
    database.run(
        "ALTER ROLE %s PASSWORD '%s'".formatted(role.quoted(), TestPostgres.verifier(password)));
  }

  /** What createSecret does. */
  void putPending(String token, String password) {
    secretsManager.putPending(arn, token, json(password).toString());
  }

  /** Gives the secret another current value. */
  void put(String value) {
    secretsManager.put(arn, value);
  }

  /** What finishSecret does. */
  void makeCurrent(String token) {
    secretsManager.makeCurrent(arn, token);
  }

  @Override
  public void close() throws SQLException {
    secretsManager.close();
    database.close();
  }
}
