package io.keyturn.bench.fleet;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What one rotation window of a fleet came to.
 *
 * @param took from the first call of the function to the end of the last rotation
 * @param repeated attempts of rotations beyond the first one of each
 * @param requests of the function to the service by operation, answered or throttled
 * @param throttled of these
 * @param turnedAway calls of the function that found no environment free
 * @param coldStarts of environments
 * @param medianMillis of a call that found its environment started, by step
 * @param billedMillis of all calls and starts
 * @param gigabyteSeconds that these are at the function's memory
 * @param processor time of all environments
 * @param databaseProcessor time of the server
 * @param peakMegabytes resident, of the environment that had most
 * @param logins to the server
 * @param mostConnections to the server at any instant
 * @param refusedConnections logins for which the server had no connection left
 * @param concurrentUpdates that the server gave up
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
    int coldStarts,
    Map<String, Long> medianMillis,
    long billedMillis,
    double gigabyteSeconds,
    Duration processor,
    Duration databaseProcessor,
    long peakMegabytes,
    int logins,
    int mostConnections,
    int refusedConnections,
    int concurrentUpdates,
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

  boolean succeeded() {
    return failed == 0 && problems.isEmpty();
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
