package io.keyturn.local.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path temporary;
  private Path parent;

  /** A run of another process: prints its folder, and stays until its standard input ends. */
  static final class OtherRun {
    public static void main(String[] arguments) throws IOException {
      RunFolder folder = RunFolder.create(Path.of(arguments[0]));
      Files.writeString(folder.folder("postgres").resolve("file"), "of the run");
      System.out.println(folder.path());
      if (System.in.read() >= 0) {
        folder.close();
      }
    }
  }

  @BeforeEach
  void chooseParent() {
    parent = temporary.resolve("runs");
  }

  @Test
  void aRunDeletesItsFolderAndTheEmptyParent() throws IOException {
    try (RunFolder run = RunFolder.create(parent)) {
      Files.writeString(run.folder("lambda").resolve("file"), "something");
      assertThat(run.path()).startsWith(parent);
    }
    assertThat(parent).doesNotExist();
  }

  @Test
  void theParentStaysWhileAnotherRunHasAFolderThere() {
    try (RunFolder other = RunFolder.create(parent)) {
      RunFolder.create(parent).close();
      assertThat(other.path()).isDirectory();
    }
  }

  @Test
  void aLiveRunOfThisProcessIsLeftAlone() throws IOException {
    try (RunFolder live = RunFolder.create(parent)) {
      Path file = Files.writeString(live.path().resolve("file"), "of the live run");
      RunFolder.create(parent).close();
      assertThat(file).exists();
    }
  }

  @Test
  void aRunThatHasSeenAnotherOneInItsProcessIsStillLiveForOtherProcesses() throws Exception {
    try (RunFolder live = RunFolder.create(parent)) {
      Path file = Files.writeString(live.path().resolve("file"), "of the live run");
      // An operating system may release all of a process's locks on a file when the process closes
      // that file once.
      RunFolder.create(parent).close();

      Process process = startOtherRun();
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        assertThat(lines.readLine()).isNotNull();
        assertThat(file).exists();
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aLiveRunOfAnotherProcessIsLeftAloneAndADeadOneIsCleared() throws Exception {
    Process process = startOtherRun();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      Path other = Path.of(lines.readLine());
      RunFolder.create(parent).close();
      assertThat(other.resolve("postgres/file")).exists();

      process.destroyForcibly().waitFor();
      assertThat(other.resolve("postgres/file")).exists();
      try (RunFolder run = RunFolder.create(parent)) {
        assertThat(folders()).containsExactly(run.path());
      }
    } finally {
      process.destroyForcibly();
    }
    assertThat(parent).doesNotExist();
  }

  @Test
  void aFolderThatAnotherRunIsJustMakingIsLeftAlone() throws IOException {
    // It has no lock yet.
    Path young = Files.createDirectories(parent.resolve("run-young"));
    RunFolder.create(parent).close();
    assertThat(young).isDirectory();
  }

  @Test
  void aDeadRunsProcessOfThatIdIsLeftAloneIfItIsAnotherOneNow() throws IOException {
    Path dead = Files.createDirectories(parent.resolve("run-dead"));
    Files.writeString(dead.resolve("lock"), "");
    // As if this JVM had got the id of the dead run's PostgreSQL.
    Files.writeString(
        Files.createDirectories(dead.resolve("postgres/data")).resolve("postmaster.pid"),
        ProcessHandle.current().pid() + "\n/somewhere\n");

    RunFolder.create(parent).close();

    assertThat(dead).doesNotExist();
  }

  private Process startOtherRun() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-classpath",
            System.getProperty("java.class.path"),
            OtherRun.class.getName(),
            parent.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private List<Path> folders() throws IOException {
    try (Stream<Path> files = Files.list(parent)) {
      return files.toList();
    }
  }
}
