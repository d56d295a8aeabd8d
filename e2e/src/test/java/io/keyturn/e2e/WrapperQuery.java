package io.keyturn.e2e;

import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.sql.AWSSecretsManagerPostgreSQLDriver;
import io.keyturn.local.stack.LocalStack;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;

/** A query on a new connection of AWS's JDBC wrapper with its own cache, as it comes. */
final class WrapperQuery implements QueryClient.Query {
  private final AWSSecretsManagerPostgreSQLDriver driver;
  private final String url;
  private final Properties properties = new Properties();

  WrapperQuery(LocalStack stack) {
    driver = new AWSSecretsManagerPostgreSQLDriver(new SecretCache(stack.client()));
    url =
        "jdbc-secretsmanager:postgresql://%s:%d/%s"
            .formatted(
                stack.postgres().host(), stack.postgres().port(), stack.postgres().database());
    properties.setProperty("user", stack.secretArn());
  }

  @Override
  public Optional<String> ask(long number) {
    try (Connection connection = driver.connect(url, properties);
        PreparedStatement statement = connection.prepareStatement("SELECT ? + 1")) {
      statement.setLong(1, number);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1) == number + 1
            ? Optional.empty()
            : Optional.of("A wrong answer: " + row.getLong(1));
      }
    } catch (SQLException e) {
      return Optional.of(e.getMessage() + " (SQLSTATE " + e.getSQLState() + ")");
    }
  }
}
