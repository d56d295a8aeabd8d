package shop;

import io.keyturn.datasource.RotatingDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * Queries with a credential that rotates, as a Lambda function would, which serves one request at a
 * time.
 */
public final class Queries {
  private static final DataSource SHOP = RotatingDataSource.of("keyturn/app"); // name or ARN

  private Queries() {}

  public static void main(String[] args) throws SQLException {
    try (Connection connection = SHOP.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT session_user, current_user")) {
      rows.next();
      System.out.println("logged in as " + rows.getString(1) + ", works as " + rows.getString(2));
    }
  }
}
