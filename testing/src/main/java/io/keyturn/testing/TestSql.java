package io.keyturn.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Runs statements of a test on a connection. */
public final class TestSql {
  private TestSql() {}

  public static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of a query with text parameters, each as its columns' texts. */
  public static List<String[]> rows(Connection connection, String sql, String... parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setString(i + 1, parameters[i]);
      }
      try (ResultSet rows = statement.executeQuery()) {
        List<String[]> all = new ArrayList<>();
        while (rows.next()) {
          String[] row = new String[rows.getMetaData().getColumnCount()];
          for (int i = 0; i < row.length; i++) {
            row[i] = rows.getString(i + 1);
          }
          all.add(row);
        }
        return all;
      }
    }
  }
}
