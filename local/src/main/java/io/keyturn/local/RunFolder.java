package io.keyturn.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The folder in which one run of the local stack keeps its files, deleted when the run ends.
 *
 * <p>A run that was killed cannot delete its own; the next one does, and ends the PostgreSQL that
 * was left running there. A run holds a lock on a file in its folder, which the operating system
 * releases however the run ends, so that a live run is never mistaken for a dead one.
 */
public final class RunFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel channel;

  private RunFolder(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Makes a folder for this run, below the machine's folder for temporary files, and clears dead
   * runs' folders.
   */
  public static RunFolder create() {
    return create(
        Path.of(
            System.getProperty("java.io.tmpdir"), "keyturn-" + System.getProperty("user.name")));
  }

  static RunFolder create(Path parent) {
    try {
      Files.createDirectories(parent);
      clearDeadRuns(parent);
      Path path = Files.createTempDirectory(parent, "run-");
      FileChannel channel = open(path);
      // Held until close or the end of this process.
      FileLock lock = channel.lock();
      if (!lock.isValid()) {
        throw new IOException("The lock on " + path + " was lost at once");
      }
      return new RunFolder(path, channel);
    } catch (IOException e) {
      throw new UncheckedIOException("No folder for this run could be made in " + parent, e);
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
      throw new UncheckedIOException("Folder " + name + " could not be made in " + path, e);
    }
  }

  @Override
  public void close() {
    try {
      delete(path);
      channel.close();
      // Fails, and may, while another run has a folder there.
      try (Stream<Path> others = Files.list(path.getParent())) {
        if (others.findAny().isEmpty()) {
          Files.deleteIfExists(path.getParent());
        }
      }
    } catch (NoSuchFileException e) {
      // Another run that ended at the same moment has deleted it.
    } catch (IOException e) {
      throw new UncheckedIOException("The run's folder " + path + " could not be deleted", e);
    }
  }

  private static FileChannel open(Path run) throws IOException {
    return FileChannel.open(run.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static void clearDeadRuns(Path parent) throws IOException {
    try (DirectoryStream<Path> runs = Files.newDirectoryStream(parent, "run-*")) {
      for (Path run : runs) {
        // A folder without a lock file may be one that another run is making just now.
        if (Files.exists(run.resolve(LOCK)) && isDead(run)) {
          endServers(run);
          delete(run);
        }
      }
    }
  }

  private static boolean isDead(Path run) throws IOException {
    try (FileChannel channel = open(run);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException e) {
      // Another run within this very process.
      return false;
    }
  }

  /**
   * Ends servers whose data lies in this folder; a process that merely got the same id meanwhile is
   * left alone.
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
        server.get().destroyForcibly();
        server.get().onExit().join();
      }
    }
  }

  private static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
  }
}
