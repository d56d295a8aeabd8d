package io.keyturn.local.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The folder with the files of one run of the local stack. It is deleted when the run ends.
 *
 * <p>A run that was killed cannot delete its folder. The next run deletes it, and ends the
 * PostgreSQL that still runs there. A run holds a lock on a file in its folder, which the operating
 * system releases however the run ends. So a live run is never mistaken for a dead one.
 */
public final class RunFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  /**
   * The runs of this process. It must not open their lock files again: when it closed one of them,
   * POSIX would release the lock, and another process would take the run for dead.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private RunFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Creates a folder for this run below the machine's folder for temporary files, and deletes the
   * folders of dead runs.
   */
  public static RunFolder create() {
    return create(
        Path.of(
            System.getProperty("java.io.tmpdir"), "keyturn-" + System.getProperty("user.name")));
  }

  static synchronized RunFolder create(Path parent) {
    try {
      Files.createDirectories(parent);
      clearDeadRuns(parent);
      Path path = newFolder(parent);
      OWN.add(path);
      Path unlocked = path.resolve("unlocked");
      FileChannel channel =
          FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      // Held until close or the end of this process.
      FileLock lock = channel.lock();
      if (!lock.isValid()) {
        throw new IOException("The lock on " + path + " was lost at once");
      }
      // Renamed only now: a file of this name without a lock marks a dead run.
      Files.move(unlocked, path.resolve(LOCK));
      return new RunFolder(path, channel);
    } catch (IOException e) {
      throw new UncheckedIOException("The folder of this run could not be created in " + parent, e);
    }
  }

  public Path path() {
    return path;
  }

  /** A folder of this name within the run's. */
  public Path folder(String name) {
    try {
      return Files.createDirectories(path.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("Folder " + name + " could not be created in " + path, e);
    }
  }

  @Override
  public void close() {
    try {
      delete(path);
      channel.close();
      OWN.remove(path);
    } catch (IOException e) {
      throw new UncheckedIOException("The run's folder " + path + " could not be deleted", e);
    }
    try {
      try (Stream<Path> others = Files.list(path.getParent())) {
        if (others.findAny().isEmpty()) {
          Files.deleteIfExists(path.getParent());
        }
      }
    } catch (NoSuchFileException | DirectoryNotEmptyException e) {
      // Another run that ended at the same moment has deleted the parent, or one that starts has
      // just created its folder there.
    } catch (IOException e) {
      throw new UncheckedIOException(path.getParent() + " could not be deleted", e);
    }
  }

  private static Path newFolder(Path parent) throws IOException {
    try {
      return Files.createTempDirectory(parent, "run-");
    } catch (NoSuchFileException e) {
      // The last other run has just ended, and has deleted the parent.
      Files.createDirectories(parent);
      return Files.createTempDirectory(parent, "run-");
    }
  }

  private static void clearDeadRuns(Path parent) throws IOException {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(parent, "run-*")) {
      for (Path run : runs) {
        if (!OWN.contains(run)) {
          clearIfDead(run);
        }
      }
    }
  }

  private static void clearIfDead(Path run) throws IOException {
    Path file = run.resolve(LOCK);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      // The lock is kept until the folder is gone, so that no other run clears it too; the file may
      // be gone by now because one has.
      if (lock != null && Files.exists(file)) {
        endServers(run);
        delete(run);
      }
    } catch (NoSuchFileException e) {
      // Another run is creating or deleting its folder at this moment.
    }
  }

  /**
   * Ends servers whose data is in this folder. It does not touch a process that has the same id by
   * chance.
   */
  private static void endServers(Path run) throws IOException {
    List<Path> pidFiles;
    try (Stream<Path> files = Files.walk(run)) {
      pidFiles = files.filter(file -> file.endsWith("postmaster.pid")).toList();
    }
    for (Path pidFile : pidFiles) {
      long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).strip());
      Optional<ProcessHandle> server =
          ProcessHandle.of(pid).filter(process -> commandLine(process).contains(run.toString()));
      if (server.isPresent()) {
        // Without their parent they end by themselves, but may write until then.
        List<ProcessHandle> all =
            Stream.concat(server.stream(), server.get().descendants()).toList();
        server.get().destroyForcibly();
        all.forEach(process -> process.onExit().join());
      }
    }
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  /** Deletes a folder and everything in it. */
  public static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
