package io.keyturn.testing;

import java.util.ArrayList;
import java.util.List;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** A PostgreSQL in a container that Testcontainers starts and removes. */
final class ContainerServer {
  private static final String IMAGE = System.getProperty("keyturn.postgres.image", "postgres:18");

  private ContainerServer() {}

  static PostgresServer start() {
    String password = PostgresServer.newPassword();
    List<String> command = new ArrayList<>(List.of("postgres"));
    PostgresServer.settings()
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    PostgreSQLContainer container =
        new PostgreSQLContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres"))
            .withUsername("postgres")
            .withPassword(password)
            .withDatabaseName("postgres")
            .withCommand(command.toArray(String[]::new));
    container.start();
    return new PostgresServer(
        "Testcontainers, " + IMAGE,
        container.getHost(),
        container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT),
        "postgres",
        password,
        container::getLogs);
  }
}
