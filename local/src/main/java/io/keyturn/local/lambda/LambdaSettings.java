package io.keyturn.local.lambda;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a {@link LocalLambda} runs its functions.
 *
 * @param folder where to create a temporary folder for the files of the processes, such as unpacked
 *     code
 * @param concurrency how many environments a function may have at the same time
 * @param logs where functions' lines go
 * @param retryDelays how long to wait before each further attempt of an asynchronous invocation
 *     that ended with an error
 * @param withoutNativeCode whether functions talk HTTP in Java even where there is native code for
 *     it; only for tests
 */
public record LambdaSettings(
    Path folder,
    int concurrency,
    LogSink logs,
    List<Duration> retryDelays,
    boolean withoutNativeCode) {

  public LambdaSettings {
    if (concurrency < 1) {
      throw new IllegalArgumentException(
          "A function needs at least one environment, not " + concurrency);
    }
    retryDelays = List.copyOf(retryDelays);
  }

  /**
   * Ten environments, no log, and two retries after the time that <a
   * href="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html">Lambda
   * waits</a>.
   */
  public static LambdaSettings defaults() {
    return new LambdaSettings(
        Path.of(System.getProperty("java.io.tmpdir")),
        10,
        LogSink.discard(),
        List.of(Duration.ofMinutes(1), Duration.ofMinutes(2)),
        false);
  }

  public LambdaSettings withFolder(Path parent) {
    return new LambdaSettings(parent, concurrency, logs, retryDelays, withoutNativeCode);
  }

  public LambdaSettings withConcurrency(int environments) {
    return new LambdaSettings(folder, environments, logs, retryDelays, withoutNativeCode);
  }

  public LambdaSettings withLogs(LogSink sink) {
    return new LambdaSettings(folder, concurrency, sink, retryDelays, withoutNativeCode);
  }

  public LambdaSettings withRetryDelays(Duration... delays) {
    return new LambdaSettings(folder, concurrency, logs, List.of(delays), withoutNativeCode);
  }

  LambdaSettings withoutNative() {
    return new LambdaSettings(folder, concurrency, logs, retryDelays, true);
  }
}
