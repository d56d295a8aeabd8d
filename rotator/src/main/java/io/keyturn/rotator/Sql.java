package io.keyturn.rotator;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Sends statements whose names and values are quoted, and reads rows of text. */
final class Sql {
  private Sql() {}

  /** A name as an identifier. */
  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text as a literal, whatever standard_conforming_strings is. */
  static String literal(String text) {
    String quoted = '\'' + text.replace("'", "''").replace("\\", "\\\\") + '\'';
    return text.indexOf('\\') < 0 ? quoted : " E" + quoted;
  }

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * The rows of a query with text parameters; each row has its columns' texts, null where the
   * database has NULL.
   */
  static List<String[]> rows(Connection connection, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<String[]> all = new ArrayList<>();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
          String[] row = new String[columns];
          for (int i = 0; i < columns; i++) {
            row[i] = rows.getString(i + 1);
          }
          all.add(row);
        }
        return all;
      }
    }
  }
}
