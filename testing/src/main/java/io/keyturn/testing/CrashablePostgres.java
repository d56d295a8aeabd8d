package io.keyturn.testing;

import static org.awaitility.Awaitility.await;

import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** An embedded PostgreSQL that can be killed, and started again on its data and its port. */
public final class CrashablePostgres implements PostgresServer {
  /**
   * What embedded servers go without for speed, and this one needs, so that a commit it has told of
   * is there after the crash. A killed process takes its own memory along, with the write-ahead log
   * of commits that were not waited for; and {@code kill -9} can stop the writing of a page
   * halfway, since the kernel writes 8 KB as two pages of its own. What is written, the kernel
   * keeps: fsync would matter only if the machine itself crashed, but without it there is no
   * commit_delay, which makes commits last so long that kills fall into them too.
   */
  private static final Map<String, String> SETTINGS =
      Map.of(
          "synchronous_commit", "on",
          "full_page_writes", "on",
          "fsync", "on",
          "commit_delay", "50000",
          "commit_siblings", "0");

  private static final Duration TIME_LIMIT = Duration.ofMinutes(1);

  private final Path folder;
  private final EmbeddedServer server;

  private CrashablePostgres(Path folder, EmbeddedServer server) {
    this.folder = folder;
    this.server = server;
  }

  /**
   * Starts a server.
   *
   * @param folder where its binaries, data and log are kept; the caller deletes it
   */
  public static CrashablePostgres start(Path folder) {
    return start(folder, Map.of());
  }

  /** Starts a server with settings of the test's own. */
  public static CrashablePostgres start(Path folder, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(SETTINGS);
    all.putAll(settings);
    return new CrashablePostgres(folder, EmbeddedServer.start(folder, all));
  }

  /** {@code kill -9} of all of the server's processes at once. */
  public synchronized void kill() {
    ProcessHandle postmaster = postmaster();
    // Stopped until its turn comes, last: it starts no further process, and no other has time to
    // see
    // it gone and to say goodbye to its client.
    run(List.of("kill", "-STOP", String.valueOf(postmaster.pid())));
    List<ProcessHandle> processes =
        Stream.concat(postmaster.descendants(), Stream.of(postmaster)).toList();
    processes.forEach(ProcessHandle::destroyForcibly);
    // The server would not start beside one that still holds its shared memory.
    await()
        .atMost(TIME_LIMIT)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** Starts the killed server as it was started before, and waits until it has recovered. */
  public synchronized void startAgain() {
    // Of a server that is gone, this reads with what options it ran, and starts it with them.
    control("restart", data());
  }

  /** Has pg_ctl do this with a server on this data, and waits until it is done. */
  void control(String action, Path data, String... options) {
    List<String> command = new ArrayList<>();
    if (LinuxUtils.isUnshareAvailable()) {
      // As the library does it: PostgreSQL refuses to run as root.
      command.addAll(List.of("unshare", "-U"));
    }
    command.addAll(
        List.of(
            program("pg_ctl").toString(),
            action,
            "-w",
            "-t",
            String.valueOf(TIME_LIMIT.toSeconds()),
            "-D",
            data.toString()));
    command.addAll(List.of(options));
    run(command);
  }

  /**
   * Starts the killed server as a replica without a primary: it answers, and is read-only, as the
   * writer of a cluster is after a failover.
   */
  public synchronized void startAgainAsReplica() {
    Path signal = data().resolve("standby.signal");
    try {
      Files.createFile(signal);
      startAgain();
      // For the next start: it is read once.
      Files.delete(signal);
    } catch (IOException e) {
      throw new UncheckedIOException(signal + " could not be written", e);
    }
  }

  /** As tests see a server. */
  public TestPostgres postgres() throws SQLException {
    return TestPostgres.of(server);
  }

  /** The server's log from its first start. */
  public String log() {
    return server.log();
  }

  @Override
  public String host() {
    return server.host();
  }

  @Override
  public int port() {
    return server.port();
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

  /**
   * Leaves the server running: a stack closes the server that it was given, and is not the last.
   */
  @Override
  public void close() {}

  public void end() {
    server.close();
  }

  Path data() {
    return folder.resolve("data");
  }

  private ProcessHandle postmaster() {
    try {
      String id = Files.readAllLines(data().resolve("postmaster.pid")).get(0).strip();
      return ProcessHandle.of(Long.parseLong(id)).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Beside the one that the server was started with, which may be in a folder of many runs. */
  private Path program(String name) {
    try {
      String started = Files.readString(data().resolve("postmaster.opts"));
      return Path.of(started.substring(0, started.indexOf(" \""))).resolveSibling(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(List<String> command) {
    File log = folder.resolve("server.log").toFile();
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              // The server inherits it, so that a pipe would stay open.
              .redirectOutput(Redirect.appendTo(log))
              .start();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(command + " failed; the server's log:\n" + log());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(command + " could not be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while " + command + " ran", e);
    }
  }
}
