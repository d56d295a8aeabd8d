package io.keyturn.testing;

import io.keyturn.local.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;

/** A PostgreSQL in a container that Testcontainers starts and removes. */
final class ContainerServer implements PostgresServer {
  static final String IMAGE = System.getProperty("keyturn.postgres.image", "postgres:18");

  private final PostgreSQLContainer container;

  private ContainerServer(PostgreSQLContainer container) {
    this.container = container;
  }

  /**
   * Starts a container.
   *
   * @param password of the superuser
   */
  static ContainerServer start(String password) {
    List<String> command = new ArrayList<>(List.of("postgres"));
    ServerSettings.all()
        .forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    PostgreSQLContainer container =
        new PostgreSQLContainer(DockerImageName.parse(IMAGE).asCompatibleSubstituteFor("postgres"))
            .withUsername("postgres")
            .withPassword(password)
            .withDatabaseName("postgres")
            .withCommand(command.toArray(String[]::new));
    container.start();
    return new ContainerServer(container);
  }

  String log() {
    return container.getLogs();
  }

  @Override
  public String host() {
    return container.getHost();
  }

  @Override
  public int port() {
    return container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT);
  }

  @Override
  public String database() {
    return container.getDatabaseName();
  }

  @Override
  public String superuser() {
    return container.getUsername();
  }

  @Override
  public String superuserPassword() {
    return container.getPassword();
  }

  @Override
  public void close() {
    container.stop();
  }
}
