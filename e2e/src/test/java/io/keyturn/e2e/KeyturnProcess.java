package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code java -jar keyturn.jar} as a user runs it, with a temporary folder of its own. */
final class KeyturnProcess implements AutoCloseable {
  static final Path JAR = Path.of("../local/target/keyturn.jar");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * GNU's way to undo what a process inherits: in the background of a script, SIGINT is ignored.
   */
  private static final List<String> HEED_SIGINT = List.of("env", "--default-signal=INT");

  private final Process process;
  private final Path temporary;
  private final Path out;
  private final Path err;

  private KeyturnProcess(Process process, Path temporary, Path out, Path err) {
    this.process = process;
    this.temporary = temporary;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts it.
   *
   * @param folder where its output is kept
   * @param temporary its java.io.tmpdir
   */
  static KeyturnProcess start(Path folder, Path temporary, String... arguments) throws IOException {
    return start(folder, temporary, Map.of(), arguments);
  }

  private static KeyturnProcess start(
      Path folder, Path temporary, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (works(HEED_SIGINT)) {
      command.addAll(HEED_SIGINT);
    }
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=" + temporary,
            "-jar",
            JAR.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "stdout", ".txt");
    Path err = Files.createTempFile(folder, "stderr", ".txt");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    Process process =
        builder
            .redirectInput(Redirect.from(Files.createTempFile(folder, "stdin", ".txt").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    return new KeyturnProcess(process, temporary, out, err);
  }

  /** Runs it to its end, with variables of its own. */
  static KeyturnProcess run(
      Path folder, Path temporary, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    KeyturnProcess run = start(folder, temporary, environment, arguments);
    run.awaitEnd();
    return run;
  }

  /** Runs it to its end. */
  static KeyturnProcess run(Path folder, Path temporary, String... arguments)
      throws IOException, InterruptedException {
    KeyturnProcess run = start(folder, temporary, arguments);
    run.awaitEnd();
    return run;
  }

  /** The exit code, once it has ended. */
  int awaitEnd() throws IOException, InterruptedException {
    return awaitEnd(PATIENCE);
  }

  int awaitEnd(Duration atMost) throws IOException, InterruptedException {
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
      throw new AssertionError("keyturn did not end:\n" + out() + err());
    }
    return process.exitValue();
  }

  void awaitOutput(String text) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              assertThat(process.isAlive()).as("keyturn runs: %s%s", out(), err()).isTrue();
              return out().contains(text);
            });
  }

  String out() throws IOException {
    return Files.readString(out);
  }

  String err() throws IOException {
    return Files.readString(err);
  }

  Process process() {
    return process;
  }

  /** PostgreSQL's processes and those of the functions, as they are now. */
  List<ProcessHandle> children() {
    // PostgreSQL is started by a process that ends, and so is nobody's child.
    return Stream.concat(
            process.descendants(),
            startedFrom(temporary)
                .filter(found -> found.pid() != process.pid())
                .flatMap(found -> Stream.concat(Stream.of(found), found.descendants())))
        .distinct()
        .toList();
  }

  void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).as("exit code of kill").isZero();
  }

  /** Fails if a file is in the temporary folder, or a process runs that was started from it. */
  static void assertNothingLeft(Path temporary) throws IOException {
    try (Stream<Path> files = Files.walk(temporary)) {
      assertThat(files.filter(file -> !file.equals(temporary))).isEmpty();
    }
    assertThat(startedFrom(temporary).map(KeyturnProcess::commandLine)).isEmpty();
  }

  static String commandLine(ProcessHandle process) {
    return process.info().commandLine().orElse("");
  }

  private static Stream<ProcessHandle> startedFrom(Path temporary) {
    return ProcessHandle.allProcesses()
        .filter(process -> commandLine(process).contains(temporary.toString()));
  }

  @Override
  public void close() {
    List<ProcessHandle> children = children();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean works(List<String> wrapper) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add("true");
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String unused = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while " + command + " ran", e);
    }
  }
}
