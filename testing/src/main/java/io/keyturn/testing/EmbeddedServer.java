package io.keyturn.testing;

import io.keyturn.local.support.RunFolder;

/** The local stack's PostgreSQL, which runs until the tests' JVM ends. */
final class EmbeddedServer {
  private EmbeddedServer() {}

  static PostgresServer start() {
    RunFolder folder = RunFolder.create();
    io.keyturn.local.postgres.EmbeddedServer server =
        io.keyturn.local.postgres.EmbeddedServer.start(
            folder.folder("postgres"), PostgresServer.settings());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  folder.close();
                },
                "stop-postgres"));
    return of(server);
  }

  static PostgresServer of(io.keyturn.local.postgres.EmbeddedServer server) {
    return new PostgresServer(
        "embedded",
        server.host(),
        server.port(),
        server.superuser(),
        server.superuserPassword(),
        server::log);
  }
}
