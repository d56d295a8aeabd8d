package io.keyturn.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Has the files of tests in memory, where Linux has a file system there that suits: what a server
 * and the local stack read from their folders. A test creates a database of 300 files, and a stack
 * unpacks functions of 12,000: on a disk, that takes longer than what is tested.
 *
 * <p>JUnit finds it through {@code META-INF/services}. A {@code @TempDir} takes it as its factory.
 */
public final class InMemory implements LauncherSessionListener, TempDirFactory {
  private static final Path MEMORY = Path.of("/dev/shm");

  /** Several stacks run at once, and a container has 64 MB there by default. */
  private static final long ROOM = 4L << 30;

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    if (suits()) {
      System.setProperty("java.io.tmpdir", MEMORY.toString());
    }
  }

  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
      throws IOException {
    return suits()
        ? Files.createTempDirectory(MEMORY, "junit-")
        : Files.createTempDirectory("junit-");
  }

  private static boolean suits() {
    try {
      return Files.isWritable(MEMORY)
          && Files.getFileStore(MEMORY).getUsableSpace() >= ROOM
          && runsPrograms();
    } catch (IOException e) {
      throw new UncheckedIOException(MEMORY + " could not be looked at", e);
    }
  }

  /** Libraries of the local stack are loaded from its folder. */
  private static boolean runsPrograms() throws IOException {
    try (Stream<String> mounts = Files.lines(Path.of("/proc/mounts"))) {
      return mounts.noneMatch(line -> line.contains(" " + MEMORY + " ") && line.contains("noexec"));
    }
  }
}
