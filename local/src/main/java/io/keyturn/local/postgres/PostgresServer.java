package io.keyturn.local.postgres;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;

/** A PostgreSQL server in which the local stack may create roles. */
public interface PostgresServer extends AutoCloseable {
  String host();

  int port();

  String database();

  /** The role that creates other roles. */
  String superuser();

  String superuserPassword();

  /** Whether it has TLS with a certificate that its clients trust; empty if unknown. */
  default Optional<Boolean> verifiedTls() {
    return Optional.empty();
  }

  /** Stops the server, if the local stack started it. */
  @Override
  void close();

  /** Returns the JDBC URL of this database, without a user. */
  default String jdbcUrl(String database) {
    return "jdbc:postgresql://%s:%d/%s"
        .formatted(host(), port(), URLEncoder.encode(database, StandardCharsets.UTF_8));
  }

  /** Opens a new connection with these credentials. */
  default Connection login(String user, String password) throws SQLException {
    return DriverManager.getConnection(jdbcUrl(database()), user, password);
  }

  /**
   * Returns whether the server lets this user in with this password.
   *
   * @throws SQLException if the login failed for another reason
   */
  default boolean logsIn(String user, String password) throws SQLException {
    return logsIn(user, password, database());
  }

  default boolean logsIn(String user, String password, String database) throws SQLException {
    // The login itself is the answer. The server may go down before another statement.
    try (Connection connection = DriverManager.getConnection(jdbcUrl(database), user, password)) {
      return true;
    } catch (SQLException e) {
      // invalid_password, and invalid_authorization_specification: no such role, or one that may
      // not log in
      if ("28P01".equals(e.getSQLState()) || "28000".equals(e.getSQLState())) {
        return false;
      }
      throw e;
    }
  }
}
