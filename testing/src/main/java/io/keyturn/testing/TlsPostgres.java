package io.keyturn.testing;

import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.support.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** A separate PostgreSQL for tests of TLS, which change its certificate. It is always embedded. */
public final class TlsPostgres implements AutoCloseable {
  private final RunFolder folder = RunFolder.create();
  private final Path data;
  private final EmbeddedServer server;
  private final TestPostgres postgres;

  public TlsPostgres() throws SQLException {
    Path home = folder.folder("postgres");
    data = home.resolve("data");
    server = EmbeddedServer.start(home, ServerSettings.all());
    postgres = new TestPostgres(server, server::log, "embedded, with TLS");
    postgres.makeLoginsCheap();
  }

  public TestPostgres postgres() {
    return postgres;
  }

  /** Offers TLS with this certificate to every further connection. */
  public void show(TestAuthority.Issued certificate) throws SQLException {
    // The default file names of PostgreSQL.
    write("server.crt", certificate.certificatePem());
    write("server.key", certificate.keyPem());
    apply("ALTER SYSTEM SET ssl = on");
  }

  /** Refuses TLS to every further connection. */
  public void withoutTls() throws SQLException {
    apply("ALTER SYSTEM SET ssl = off");
  }

  private void write(String name, String pem) {
    Path file = data.resolve(name);
    try {
      Files.writeString(file, pem);
      // PostgreSQL refuses a key that others may read.
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " could not be written", e);
    }
  }

  private void apply(String setting) throws SQLException {
    String loaded = loadTime();
    try (Connection connection = postgres.quietly("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(setting);
      statement.execute("SELECT pg_reload_conf()");
    }
    long deadline = System.nanoTime() + 30_000_000_000L;
    // The server reloads after it has answered. Connections that follow have the new settings.
    while (loadTime().equals(loaded)) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException("The server has not reloaded its settings for 30 s");
      }
    }
  }

  private String loadTime() throws SQLException {
    try (Connection connection = postgres.quietly("postgres");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_conf_load_time()")) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  public void close() {
    server.close();
    folder.close();
  }
}
