package io.keyturn.testing;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * A PostgreSQL that is running already, given by a URL with the name and password of a superuser.
 */
final class GivenServer {
  /** Where the server's log stands now. */
  private record Position(String file, long offset) {}

  private GivenServer() {}

  static PostgresServer at(String url) throws SQLException {
    Properties properties = Driver.parseURL(url, null);
    if (properties == null) {
      throw new IllegalArgumentException(
          TestPostgres.CHOICE + " is not a URL that the PostgreSQL driver reads");
    }
    String host = PGProperty.PG_HOST.getOrDefault(properties);
    String port = PGProperty.PG_PORT.getOrDefault(properties);
    String user = PGProperty.USER.getOrDefault(properties);
    String password = PGProperty.PASSWORD.getOrDefault(properties);
    if (user == null || password == null || host.contains(",")) {
      throw new IllegalArgumentException(
          TestPostgres.CHOICE
              + " as a URL names one host, and holds the superuser's user=... and password=...");
    }
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW is_superuser")) {
      row.next();
      if (!row.getString(1).equals("on")) {
        throw new IllegalArgumentException(
            TestPostgres.CHOICE + " names a role that is no superuser: " + user);
      }
    }
    return new PostgresServer(
        "given at " + host + ":" + port, host, Integer.parseInt(port), user, password, log(url));
  }

  private static PostgresServer.Log log(String url) throws SQLException {
    Position start;
    try (Connection connection = DriverManager.getConnection(url)) {
      start = position(connection);
    } catch (SQLException | IllegalStateException e) {
      // Only tests that search the log need it. They fail with this reason.
      return () -> {
        throw new IllegalStateException(e.getMessage(), e);
      };
    }
    return () -> read(url, start);
  }

  private static String read(String url, Position start) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      Position now = position(connection);
      if (!now.file().equals(start.file())) {
        throw new IllegalStateException(
            "The given server has changed its log file since the tests began: " + now.file());
      }
      try (PreparedStatement statement =
          connection.prepareStatement("SELECT pg_read_binary_file(?, ?, ?)")) {
        statement.setString(1, start.file());
        statement.setLong(2, start.offset());
        statement.setLong(3, now.offset() - start.offset());
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          return new String(row.getBytes(1), StandardCharsets.UTF_8);
        }
      }
    }
  }

  private static Position position(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT current_setting('log_statement'), file, (pg_stat_file(file)).size"
                    + " FROM pg_current_logfile('stderr') AS file")) {
      row.next();
      if (!row.getString(1).equals("all")) {
        throw new IllegalStateException(
            "The given server's log cannot be searched for statements: log_statement is not all");
      }
      if (row.getString(2) == null) {
        throw new IllegalStateException(
            "The given server's log cannot be read: its logging_collector writes none to a file");
      }
      return new Position(row.getString(2), row.getLong(3));
    }
  }
}
