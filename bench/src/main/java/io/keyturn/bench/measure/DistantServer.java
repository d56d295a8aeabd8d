package io.keyturn.bench.measure;

import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import java.util.Optional;

/** A server that is reached through another port than its own. */
record DistantServer(EmbeddedServer server, int port) implements PostgresServer {
  @Override
  public String host() {
    return server.host();
  }

  @Override
  public String database() {
    return server.database();
  }

  @Override
  public String superuser() {
    return server.superuser();
  }

  @Override
  public String superuserPassword() {
    return server.superuserPassword();
  }

  @Override
  public Optional<Boolean> verifiedTls() {
    return server.verifiedTls();
  }

  @Override
  public void close() {
    server.close();
  }
}
