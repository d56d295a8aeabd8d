package io.keyturn.bench.measure;

import io.keyturn.local.lambda.FunctionJvm;
import io.keyturn.local.lambda.LogSink;
import java.util.List;

/**
 * How often, and under what, something is measured.
 *
 * @param latencies in milliseconds, of each answer of Secrets Manager
 * @param runs processes of each subject at each latency
 * @param warm further events, or rotations, of each process
 * @param memory of functions, in MB
 * @param firstUnmeasured whether each subject runs once before, to find its files in the caches and
 *     its secret with a version AWSPREVIOUS
 * @param logs where functions' lines go as they come
 */
public record Plan(
    List<Integer> latencies,
    int runs,
    int warm,
    FunctionJvm jvm,
    int memory,
    boolean firstUnmeasured,
    LogSink logs) {
  public Plan {
    latencies = List.copyOf(latencies);
  }
}
