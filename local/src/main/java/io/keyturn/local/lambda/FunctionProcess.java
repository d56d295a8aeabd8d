package io.keyturn.local.lambda;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The process of one execution environment: a JVM, or any other program that speaks the Runtime
 * API.
 */
final class FunctionProcess {
  private static final Duration LOG_WAIT = Duration.ofSeconds(1);
  private static final Duration KILL_WAIT = Duration.ofSeconds(10);

  private final Process process;
  private final OutputStream stdin;
  private final ProcessLog log;
  private final long startedAt;
  private boolean watchesStack;

  private FunctionProcess(Process process, boolean watchesStack, ProcessLog log, long startedAt) {
    this.process = process;
    this.watchesStack = watchesStack;
    this.stdin = process.getOutputStream();
    this.log = log;
    this.startedAt = startedAt;
  }

  /**
   * Starts a function's process.
   *
   * @param watchesStack whether the command is {@link EnvironmentMain}
   */
  static FunctionProcess start(
      List<String> command,
      boolean watchesStack,
      Path folder,
      Map<String, String> environment,
      String name,
      Consumer<String> lines) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    // A function must see only what Lambda gives it, not the credentials of this machine.
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      long startedAt = System.nanoTime();
      Process process = builder.start();
      return new FunctionProcess(
          process,
          watchesStack,
          ProcessLog.read(process.getInputStream(), "log of " + name, lines),
          startedAt);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The process of %s could not be started with %s in %s"
              .formatted(name, command.get(0), folder),
          e);
    }
  }

  /** Turns {@link #awaitLogged} off, for benchmarks that must not measure its wait. */
  FunctionProcess silent() {
    watchesStack = false;
    return this;
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  long startedAt() {
    return startedAt;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  void whenEnded(Runnable action) {
    var unused = process.onExit().thenRun(action);
  }

  ProcessLog log() {
    return log;
  }

  /** Waits until everything that the process has logged so far has been read. */
  void awaitLogged() throws InterruptedException {
    if (!watchesStack) {
      return;
    }
    long marks = log.marks();
    try {
      stdin.write(1);
      stdin.flush();
      log.awaitMarks(marks + 1, LOG_WAIT);
    } catch (IOException e) {
      // It has ended, and its pipe with it.
      log.awaitEnd(LOG_WAIT);
    }
  }

  /** Waits until the process has ended by itself, and its log is read. */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(KILL_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
    }
    int status = process.waitFor();
    log.awaitEnd(LOG_WAIT);
    return status;
  }

  /** Kills the process as {@code kill -9} does, as Lambda ends its environments. */
  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(KILL_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException(
            "Process %s of a function is still there %s s after kill -9; see what it waits for with: ps -o stat,wchan %s"
                .formatted(process.pid(), KILL_WAIT.toSeconds(), process.pid()));
      }
      log.awaitEnd(LOG_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
