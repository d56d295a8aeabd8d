package io.keyturn.local.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A real PostgreSQL that runs as a process of this machine and requires SCRAM-SHA-256 of every
 * client.
 */
public final class EmbeddedServer implements PostgresServer {
  // No line for Unix sockets, so that every connection needs a password.
  private static final String HBA =
      """
      host all all 127.0.0.1/32 scram-sha-256
      host all all ::1/128 scram-sha-256
      """;

  /** The data need not survive a crash of the machine. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "password_encryption", "scram-sha-256",
          "max_connections", "200",
          "fsync", "off",
          "synchronous_commit", "off",
          "full_page_writes", "off");

  // Kept in a field: java.util.logging may discard an unreferenced logger with its level.
  private static final Logger LIBRARY = Logger.getLogger("io.zonky");

  static {
    // It logs every stage of a start. A failure comes as an exception.
    LIBRARY.setLevel(Level.WARNING);
  }

  /** Names the folder that the library makes, in the machine's temporary one, unless it is set. */
  private static final String LIBRARY_FOLDER = "ot.epg.working-dir";

  private final EmbeddedPostgres postgres;
  private final String password;
  private final Path log;
  private final boolean tls;

  private EmbeddedServer(EmbeddedPostgres postgres, String password, Path log, boolean tls) {
    this.postgres = postgres;
    this.password = password;
    this.log = log;
    this.tls = tls;
  }

  /**
   * Starts a server.
   *
   * @param folder where its data and log are kept; the caller deletes it
   * @param settings in addition to those of every embedded server
   */
  public static EmbeddedServer start(Path folder, Map<String, String> settings) {
    // The superuser's, and of this server alone.
    String password = UUID.randomUUID().toString();
    Path passwordFile = folder.resolve("password");
    Path log = folder.resolve("server.log");
    try {
      Files.writeString(passwordFile, password);
      EmbeddedPostgres.Builder builder =
          builder(folder)
              .setOverrideWorkingDirectory(Binaries.folder().toFile())
              // By default the library chooses a folder elsewhere, which would not be deleted.
              .setDataDirectory(folder.resolve("data"))
              // It would run at the same time as the caller's own, which deletes the folder.
              .setRegisterShutdownHook(false)
              .setPgBinaryResolver(Binaries.chosen())
              // Other work may keep a small machine busy.
              .setPGStartupWait(Duration.ofMinutes(1))
              // The builder hands these to initdb as --key=value.
              .setLocaleConfig("pwfile", passwordFile.toString())
              // Otherwise PostgreSQL 13 stores the superuser's password as an MD5 hash.
              .setLocaleConfig("auth-host", "scram-sha-256")
              .setLocaleConfig("locale", "C")
              .setLocaleConfig("encoding", "UTF8")
              .setDataDirectoryCustomizer(EmbeddedServer::demandPasswords)
              .setConnectConfig("password", password)
              .setOutputRedirector(Redirect.appendTo(log.toFile()))
              .setErrorRedirector(Redirect.appendTo(log.toFile()));
      SETTINGS.forEach(builder::setServerConfig);
      settings.forEach(builder::setServerConfig);
      return new EmbeddedServer(builder.start(), password, log, "on".equals(settings.get("ssl")));
    } catch (IOException | RuntimeException e) {
      throw new IllegalStateException(
          "Embedded PostgreSQL did not start in " + folder + "; its log:\n" + read(log), e);
    } finally {
      deleteIfExists(passwordFile);
    }
  }

  @Override
  public String host() {
    return "127.0.0.1";
  }

  @Override
  public int port() {
    return postgres.getPort();
  }

  @Override
  public String database() {
    return "postgres";
  }

  @Override
  public String superuser() {
    return "postgres";
  }

  @Override
  public String superuserPassword() {
    return password;
  }

  /** Nobody trusts a certificate that it is not given. */
  @Override
  public Optional<Boolean> verifiedTls() {
    return Optional.of(tls);
  }

  /** The server's log from its start. */
  public String log() {
    return read(log);
  }

  @Override
  public void close() {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException("Embedded PostgreSQL could not be stopped", e);
    }
  }

  private static synchronized EmbeddedPostgres.Builder builder(Path folder) {
    String before = System.setProperty(LIBRARY_FOLDER, folder.toString());
    try {
      return EmbeddedPostgres.builder();
    } finally {
      if (before == null) {
        System.clearProperty(LIBRARY_FOLDER);
      } else {
        System.setProperty(LIBRARY_FOLDER, before);
      }
    }
  }

  private static void demandPasswords(File dataDirectory) {
    try {
      Files.writeString(dataDirectory.toPath().resolve("pg_hba.conf"), HBA);
    } catch (IOException e) {
      throw new UncheckedIOException("pg_hba.conf could not be written", e);
    }
  }

  private static String read(Path log) {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException("The server's log could not be read", e);
    }
  }

  private static void deleteIfExists(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("The superuser's password file could not be deleted", e);
    }
  }
}
