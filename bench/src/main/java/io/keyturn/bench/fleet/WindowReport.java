package io.keyturn.bench.fleet;

import io.keyturn.bench.fleet.FleetFunction.Call;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The results of one rotation window of a fleet.
 *
 * @param took from the first call of the function to the end of the last rotation
 * @param repeated attempts of rotations beyond the first one of each
 * @param requests of the function to the service by operation, answered or throttled
 * @param throttled of these
 * @param turnedAway calls of the function that found no environment free
 * @param calls of the function, in the order of their ends
 * @param functionMegabytes what each call is billed for beside its time
 * @param processor time of all environments
 * @param databaseProcessor time of the server
 * @param peakMegabytes resident, of the environment that had most
 * @param logins to the server
 * @param mostConnections to the server at any instant
 * @param refusedConnections logins for which the server had no connection left
 * @param concurrentUpdates that the server gave up
 * @param errors that steps ended with, and how often
 * @param problems that the checks afterwards found
 */
record WindowReport(
    int rotations,
    int failed,
    Duration took,
    int repeated,
    Map<String, Long> requests,
    int throttled,
    int turnedAway,
    List<Call> calls,
    int functionMegabytes,
    Duration processor,
    Duration databaseProcessor,
    long peakMegabytes,
    int logins,
    int mostConnections,
    int refusedConnections,
    int concurrentUpdates,
    Map<String, Long> errors,
    List<String> problems) {

  double perSecond() {
    return rotations / seconds(took);
  }

  double perRotation(long total) {
    return (double) total / rotations;
  }

  /** Requests that were answered. */
  long answered() {
    return requests.values().stream().mapToLong(Long::longValue).sum() - throttled;
  }

  int coldStarts() {
    return (int) calls.stream().filter(Call::cold).count();
  }

  /** Of a call that found its environment started, by step. */
  Map<String, Long> medianMillis() {
    return calls.stream()
        .filter(call -> !call.cold())
        .collect(
            Collectors.groupingBy(
                Call::step,
                TreeMap::new,
                Collectors.collectingAndThen(Collectors.toList(), WindowReport::median)));
  }

  private static long median(List<Call> calls) {
    return calls.stream()
        .map(Call::took)
        .sorted()
        .skip(calls.size() / 2)
        .findFirst()
        .orElseThrow()
        .toMillis();
  }

  long billedMillis() {
    return calls.stream().mapToLong(Call::billedMillis).sum();
  }

  double gigabyteSeconds() {
    return billedMillis() / 1000.0 * functionMegabytes / 1024;
  }

  boolean succeeded() {
    return failed == 0 && problems.isEmpty();
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
