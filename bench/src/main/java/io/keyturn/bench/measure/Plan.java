package io.keyturn.bench.measure;

import io.keyturn.local.lambda.FunctionJvm;
import io.keyturn.local.lambda.LogSink;
import java.util.List;

/**
 * How often and under which conditions something is measured.
 *
 * @param latencies in milliseconds, of each answer of Secrets Manager and PostgreSQL
 * @param runs processes of each subject at each latency
 * @param warm further events, or rotations, of each process
 * @param memory of functions, in MB
 * @param firstUnmeasured whether each subject runs once before the measured runs, to fill caches
 *     and to give its secret a version AWSPREVIOUS
 * @param logs receives the functions' lines
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
