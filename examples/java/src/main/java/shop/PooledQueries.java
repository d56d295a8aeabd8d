package shop;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keyturn.datasource.RotatingDataSource;
import io.keyturn.datasource.RotatingSecret;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;

/** Queries through HikariCP, with a credential that rotates. */
public final class PooledQueries {
  private PooledQueries() {}

  /**
   * @param args the name or ARN of the database secret
   */
  public static void main(String[] args) throws Exception {
    RotatingDataSource shop =
        RotatingDataSource.builder(RotatingSecret.of(args[0])).keepNone().build();
    HikariConfig config = new HikariConfig();
    config.setDataSource(shop);
    try (shop;
        HikariDataSource pool = new HikariDataSource(config)) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT session_user, current_user")) {
        rows.next();
        System.out.println("logged in as " + rows.getString(1) + ", works as " + rows.getString(2));
      }
    }
  }
}
