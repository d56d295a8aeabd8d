package io.keyturn.datasource;

import io.keyturn.postgres.NameLookups;
import io.keyturn.testing.TestSql;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * A JVM with a hosts file of its own, which queries each time that it reads a line: the secret's id
 * and the URL of Secrets Manager are its arguments.
 */
final class MovedNameMain {
  private MovedNameMain() {}

  public static void main(String[] arguments) throws Exception {
    NameLookups.keepNone();
    SecretsManagerClient client =
        SecretsManagerClient.builder()
            .endpointOverride(URI.create(arguments[1]))
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (RotatingDataSource dataSource =
        RotatingDataSource.builder(RotatingSecret.of(arguments[0], client))
            .warn(warning -> System.out.println("warning: " + warning))
            .build()) {
      while (orders.readLine() != null) {
        try (Connection connection = dataSource.getConnection()) {
          TestSql.execute(connection, "SELECT 1");
          System.out.println("queried");
        } catch (SQLException e) {
          System.out.println("failed: " + e.getMessage());
        }
      }
    }
  }
}
