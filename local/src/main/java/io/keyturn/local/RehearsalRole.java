package io.keyturn.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.postgresql.util.PasswordUtil;

/** The PostgreSQL role whose password the local stack rotates, dropped at the end. */
final class RehearsalRole implements AutoCloseable {
  private final PostgresServer server;
  private final String name;
  private final String password;
  private final String serverVersion;

  private RehearsalRole(PostgresServer server, String name, String password, String serverVersion) {
    this.server = server;
    this.name = name;
    this.password = password;
    this.serverVersion = serverVersion;
  }

  /** Creates a role with a name that nobody has, and a password. */
  static RehearsalRole create(PostgresServer server) {
    // A server of our own has no other roles; on someone else's no name may clash.
    String name =
        server instanceof EmbeddedServer
            ? "app"
            : "keyturn_rehearsal_" + UUID.randomUUID().toString().substring(0, 8);
    String password = UUID.randomUUID().toString();
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement()) {
      // Only the verifier is sent: the server may be somebody else's, and log its statements.
      statement.execute(
          "CREATE ROLE "
              + name
              + " LOGIN PASSWORD '"
              + PasswordUtil.encodeScramSha256(password.toCharArray())
              + "'");
      try (ResultSet row =
          statement.executeQuery(
              "SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)")) {
        row.next();
        return new RehearsalRole(server, name, password, row.getString(1));
      }
    } catch (SQLException e) {
      throw new StackException(
          "No role could be made at "
              + server.host()
              + ":"
              + server.port()
              + " as \""
              + server.superuser()
              + "\": "
              + e.getMessage(),
          e);
    }
  }

  /** The secret's first value. */
  String secretJson() {
    var secret =
        new ObjectMapper()
            .createObjectNode()
            .put("engine", "postgres")
            .put("host", server.host())
            .put("port", server.port())
            .put("dbname", server.database())
            .put("username", name)
            .put("password", password);
    if (server instanceof EmbeddedServer) {
      // Its only address is the loopback one, and it has no certificate.
      secret.put("ssl", false);
    }
    return secret.toString();
  }

  String serverVersion() {
    return serverVersion;
  }

  @Override
  public void close() throws SQLException {
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement()) {
      statement.execute("DROP ROLE IF EXISTS " + name);
    }
  }
}
