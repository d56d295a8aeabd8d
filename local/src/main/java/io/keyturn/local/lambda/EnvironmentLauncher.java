package io.keyturn.local.lambda;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts single execution environments outside of a pool, for benchmarks: of a packaged Java
 * function, or of any other program that speaks Lambda's Runtime API.
 */
public final class EnvironmentLauncher implements AutoCloseable {
  private final ProcessLauncher launcher;

  /**
   * @param parent where to create a temporary folder for the files of the processes
   */
  public EnvironmentLauncher(Path parent) {
    launcher = new ProcessLauncher(parent);
  }

  /** Starts a packaged function as {@link LocalLambda} does. */
  public ExecutionEnvironment java(FunctionDefinition function, FunctionJvm jvm, LogSink logs) {
    return new ExecutionEnvironment(
        function,
        1,
        (runtimeApi, lines) -> launcher.launch(function, jvm, 1, runtimeApi, lines).silent(),
        logs);
  }

  /**
   * Starts a program in the environment that Lambda gives a function, except that it has the {@code
   * PATH} of this process.
   *
   * @param function whose jar is not used
   * @param folder its working directory and LAMBDA_TASK_ROOT
   */
  public ExecutionEnvironment command(
      FunctionDefinition function, List<String> command, Path folder, LogSink logs) {
    return new ExecutionEnvironment(
        function,
        1,
        (runtimeApi, lines) -> {
          Map<String, String> environment =
              new LinkedHashMap<>(ProcessLauncher.environment(function, runtimeApi, folder));
          environment.put("PATH", System.getenv("PATH"));
          return FunctionProcess.start(command, false, folder, environment, function.name(), lines);
        },
        logs);
  }

  /** Deletes the folder. All processes must have ended. */
  @Override
  public void close() {
    launcher.close();
  }
}
