package io.keyturn.bench;

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
 * @param logs where functions' lines go as they come
 */
public record Plan(
    List<Integer> latencies, int runs, int warm, FunctionJvm jvm, int memory, LogSink logs) {
  public Plan {
    latencies = List.copyOf(latencies);
  }
}
