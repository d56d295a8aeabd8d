package io.keyturn.local.lambda;

import java.nio.file.Path;

/**
 * How a {@link LocalLambda} runs its functions.
 *
 * @param folder where to create a temporary folder for the files of the processes, such as unpacked
 *     code
 * @param concurrency how many environments a function may have at the same time
 * @param logs where functions' lines go
 */
public record LambdaSettings(Path folder, int concurrency, LogSink logs) {

  public LambdaSettings {
    if (concurrency < 1) {
      throw new IllegalArgumentException(
          "A function needs at least one environment, not " + concurrency);
    }
  }

  /** Ten environments, and no log. */
  public static LambdaSettings defaults() {
    return new LambdaSettings(Path.of(System.getProperty("java.io.tmpdir")), 10, LogSink.discard());
  }

  public LambdaSettings withFolder(Path parent) {
    return new LambdaSettings(parent, concurrency, logs);
  }

  public LambdaSettings withConcurrency(int environments) {
    return new LambdaSettings(folder, environments, logs);
  }

  public LambdaSettings withLogs(LogSink sink) {
    return new LambdaSettings(folder, concurrency, sink);
  }
}
