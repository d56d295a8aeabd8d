package io.keyturn.local.stack;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.local.support.StackException;
import io.keyturn.local.template.TemplateSecret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.postgresql.util.PasswordUtil;

/**
 * The PostgreSQL user whose password the local stack rotates, and its admin, which may create roles
 * and is not a superuser, as on RDS. Both are dropped at the end.
 */
public final class RehearsalRole implements AutoCloseable {
  private final PostgresServer server;
  private final String name;
  private final String password = UUID.randomUUID().toString();
  private final String adminPassword = UUID.randomUUID().toString();
  private final String serverVersion;
  private final boolean userExists;
  private final List<String> users = new ArrayList<>();

  private RehearsalRole(PostgresServer server, String name, boolean userExists)
      throws SQLException {
    this.server = server;
    this.name = name;
    this.userExists = userExists;
    users.add(name);
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement()) {
      // Only verifiers are sent: the server may be shared, and log its statements.
      statement.execute(
          "CREATE ROLE " + admin() + " LOGIN CREATEROLE PASSWORD " + verifier(adminPassword));
      try (ResultSet row =
          statement.executeQuery(
              "SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)")) {
        row.next();
        serverVersion = row.getString(1);
      }
    }
    if (userExists) {
      createUser(name, password);
    }
  }

  private void createUser(String user, String itsPassword) throws SQLException {
    // Only the admin that created a role may change it (PostgreSQL 16 and later).
    try (Connection connection = server.login(admin(), adminPassword);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE ROLE " + user + " LOGIN PASSWORD " + verifier(itsPassword));
    }
  }

  /** Allows the user to create tables in the schema public, as before PostgreSQL 15. */
  void allowTables() {
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement()) {
      statement.execute("GRANT CREATE ON SCHEMA public TO " + name);
    } catch (SQLException e) {
      throw new StackException(
          "GRANT CREATE ON SCHEMA public TO %s failed: %s".formatted(name, e.getMessage()), e);
    }
  }

  /**
   * Creates another user, for its own secret.
   *
   * @return the first value of its secret
   */
  String addUser(String suffix, String adminSecretArn) {
    String user = name + suffix;
    String itsPassword = UUID.randomUUID().toString();
    try {
      users.add(user);
      createUser(user, itsPassword);
    } catch (SQLException e) {
      throw new StackException("Role " + user + " could not be created: " + e.getMessage(), e);
    }
    return withAdmin(secret(user, itsPassword), adminSecretArn).toString();
  }

  /**
   * Creates the admin and the user, with random passwords.
   *
   * @param userExists false leaves it to the first rotation to create the user
   */
  static RehearsalRole create(PostgresServer server, boolean userExists) {
    // An embedded server has no other roles. On a given server, the name must be unique.
    String name =
        server instanceof EmbeddedServer
            ? "app"
            : "keyturn_rehearsal_" + UUID.randomUUID().toString().substring(0, 8);
    return create(server, name, userExists);
  }

  /** The same with this name, of lower-case letters, digits and underscores. */
  public static RehearsalRole create(PostgresServer server, String name, boolean userExists) {
    try {
      return new RehearsalRole(server, name, userExists);
    } catch (SQLException e) {
      throw new StackException(
          "The roles could not be created on %s:%s as \"%s\": %s"
              .formatted(server.host(), server.port(), server.superuser(), e.getMessage()),
          e);
    }
  }

  /** The first value of the admin's secret. */
  public String adminSecretJson() {
    return secret(admin(), adminPassword).toString();
  }

  /**
   * The first value of the user's secret, for a template that does not generate one.
   *
   * @param adminSecretArn empty for a user that changes its own password
   */
  public String secretJson(String adminSecretArn) {
    return withAdmin(secret(name, password), adminSecretArn).toString();
  }

  private static ObjectNode withAdmin(ObjectNode secret, String adminSecretArn) {
    return adminSecretArn.isEmpty() ? secret : secret.put("masterarn", adminSecretArn);
  }

  /**
   * The first value of the user's secret, as the template generates it. If the user exists, it is
   * the value after a first rotation, with the connection from the tags.
   */
  String secretJson(TemplateSecret.Generated generated, Map<String, String> tags) {
    try {
      if (new ObjectMapper().readTree(generated.template()) instanceof ObjectNode secret) {
        secret.put(generated.key(), password);
        if (userExists && tags.containsKey("keyturn:host")) {
          secret
              .put("host", server.host())
              .put("port", server.port())
              .put("dbname", server.database());
          withAdmin(secret, tags.getOrDefault("keyturn:masterarn", ""));
        }
        return withTlsAsHere(secret).toString();
      }
    } catch (JsonProcessingException e) {
      throw new StackException("SecretStringTemplate is not JSON: " + e.getOriginalMessage(), e);
    }
    throw new StackException("SecretStringTemplate is not a JSON object: " + generated.template());
  }

  /** The template's parameters for the server and the user. */
  public Map<String, String> parameters() {
    return Map.of(
        "DatabaseHost", server.host(),
        "DatabasePort", String.valueOf(server.port()),
        "DatabaseName", server.database(),
        "DatabaseUser", name);
  }

  public String serverVersion() {
    return serverVersion;
  }

  private String admin() {
    return name + "_admin";
  }

  private ObjectNode secret(String user, String itsPassword) {
    ObjectNode secret =
        new ObjectMapper()
            .createObjectNode()
            .put("engine", "postgres")
            .put("host", server.host())
            .put("port", server.port())
            .put("dbname", server.database())
            .put("username", user)
            .put("password", itsPassword);
    return withTlsAsHere(secret);
  }

  private ObjectNode withTlsAsHere(ObjectNode secret) {
    // Without "ssl", the login finds out whether a given server has TLS.
    secret.remove("ssl");
    server.verifiedTls().ifPresent(tls -> secret.put("ssl", tls));
    return secret;
  }

  private static String verifier(String password) throws SQLException {
    return "'" + PasswordUtil.encodeScramSha256(password.toCharArray()) + "'";
  }

  @Override
  public void close() throws SQLException {
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement()) {
      for (String user : users) {
        drop(statement, user + "_clone");
        drop(statement, user);
      }
      // The admin last: it is the one that granted the others to each other.
      drop(statement, admin());
    }
  }

  /**
   * Drops a role, and gives the objects that it owns in this database to the server's superuser.
   */
  private static void drop(Statement statement, String role) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("SELECT 1 FROM pg_roles WHERE rolname = '%s'".formatted(role))) {
      if (!row.next()) {
        return;
      }
    }
    statement.execute(
        "REASSIGN OWNED BY %1$s TO CURRENT_USER; DROP OWNED BY %1$s; DROP ROLE %1$s"
            .formatted(role));
  }
}
