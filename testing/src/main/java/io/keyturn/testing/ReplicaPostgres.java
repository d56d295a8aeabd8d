package io.keyturn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Stream;

/** A streaming replica of an embedded PostgreSQL. */
public final class ReplicaPostgres implements AutoCloseable {
  private final CrashablePostgres primary;
  private final Path data;
  private final int port;

  private ReplicaPostgres(CrashablePostgres primary, Path data, int port) {
    this.primary = primary;
    this.data = data;
    this.port = port;
  }

  /**
   * Starts a replica of PostgreSQL 15 or newer, and returns once it answers queries.
   *
   * @param folder where its data is kept; the caller deletes it
   */
  public static ReplicaPostgres start(CrashablePostgres primary, Path folder)
      throws IOException, SQLException {
    Path data = folder.resolve("data");
    try (Connection connection = primary.login(primary.superuser(), primary.superuserPassword())) {
      Files.writeString(
          primary.data().resolve("pg_hba.conf"),
          "host replication all 127.0.0.1/32 scram-sha-256\n",
          StandardOpenOption.APPEND);
      TestSql.execute(connection, "SELECT pg_reload_conf()");
      // The programs of the embedded server have no pg_basebackup.
      TestSql.execute(connection, "SELECT pg_backup_start('replica', true)");
      copy(primary.data(), data);
      String label =
          TestSql.rows(connection, "SELECT labelfile FROM pg_backup_stop(false)").get(0)[0];
      Files.writeString(data.resolve("backup_label"), label);
    }
    Files.createFile(data.resolve("standby.signal"));
    Files.writeString(
        data.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=%s port=%d user=%s password=%s'%n"
            .formatted(
                primary.host(), primary.port(), primary.superuser(), primary.superuserPassword()),
        StandardOpenOption.APPEND);
    int port = freePort();
    // A replica needs at least as many connections as its primary.
    primary.control("start", data, "-o", "-F -p %d -c max_connections=200".formatted(port));
    return new ReplicaPostgres(primary, data, port);
  }

  public String host() {
    return primary.host();
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    primary.control("stop", data, "-m", "immediate");
  }

  /** Without the write-ahead log, which the replica gets from its primary. */
  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        String name = from.relativize(path).toString();
        Path target = to.resolve(name);
        if (Files.isDirectory(path)) {
          Files.createDirectory(
              target,
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else if (!name.startsWith("pg_wal") && !name.startsWith("postmaster")) {
          copyIfExists(path, target);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static void copyIfExists(Path file, Path target) throws IOException {
    try {
      Files.copy(file, target);
    } catch (NoSuchFileException e) {
      // The server works on: what it has deleted meanwhile, the replica does not need.
      return;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
