package io.keyturn.bench.measure;

import io.keyturn.local.lambda.ExecutionEnvironment;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LogSink;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** One process of a function, and the last lines that it logs. */
public final class MeasuredProcess implements AutoCloseable {
  private static final double NANOS_PER_MILLI = 1e6;

  private final LastLines lastLines;
  private final ExecutionEnvironment environment;

  /**
   * @param start starts the process, with this log
   * @param logs gets every line too
   */
  public MeasuredProcess(Function<LogSink, ExecutionEnvironment> start, LogSink logs) {
    lastLines = new LastLines(logs);
    environment = start.apply(lastLines);
  }

  public InvocationResult invoke(byte[] event) {
    try {
      return environment.invoke(UUID.randomUUID().toString(), event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BenchException("Interrupted while a function was working", e);
    }
  }

  public double millisSinceStart(InvocationResult answer) {
    return millis(environment.startedAt(), answer.answeredAt());
  }

  /** Returns nothing if this machine does not measure it. */
  public Optional<ProcessTree.Usage> usage() {
    return ProcessTree.usage(environment.process());
  }

  /** Ends the process, and reports the failure with the last lines that it logged. */
  public BenchException failure(String message, Throwable cause) {
    close();
    return new BenchException(message + "\nThe end of its log:\n" + lastLines.text(), cause);
  }

  @Override
  public void close() {
    environment.close();
  }

  /** Between two {@link System#nanoTime()}. */
  public static double millis(long from, long to) {
    return (to - from) / NANOS_PER_MILLI;
  }
}
