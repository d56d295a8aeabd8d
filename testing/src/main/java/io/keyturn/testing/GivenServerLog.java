package io.keyturn.testing;

import io.keyturn.local.postgres.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The log of a server that is running already, read by SQL from where it stands now. */
final class GivenServerLog {
  /** Where the server's log stands now. */
  private record Position(String file, long offset) {}

  private GivenServerLog() {}

  static ServerLog of(PostgresServer server) throws SQLException {
    Position start;
    try (Connection connection = superuser(server)) {
      start = position(connection);
    } catch (SQLException | IllegalStateException e) {
      // Only tests that search the log need it. They fail with this reason.
      return () -> {
        throw new IllegalStateException(e.getMessage(), e);
      };
    }
    return () -> read(server, start);
  }

  private static Connection superuser(PostgresServer server) throws SQLException {
    return server.login(server.superuser(), server.superuserPassword());
  }

  private static String read(PostgresServer server, Position start) throws SQLException {
    try (Connection connection = superuser(server)) {
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
