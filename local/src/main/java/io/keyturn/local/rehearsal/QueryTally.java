package io.keyturn.local.rehearsal;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Counts queries or logins, and keeps the slowest time and the messages of failures. */
final class QueryTally {
  /** Many failures have the same message, and a report has to stay readable. */
  private static final int FAILURES_KEPT = 5;

  private long answered;
  private long failed;
  private Duration slowest = Duration.ZERO;
  private final Set<String> failures = new LinkedHashSet<>();

  /** What was counted. */
  record Count(long answered, long failed, Duration slowest, List<String> failures) {}

  /**
   * Counts one query or login.
   *
   * @param problem what was wrong, or null
   */
  synchronized void count(Duration took, String problem) {
    if (took.compareTo(slowest) > 0) {
      slowest = took;
    }
    if (problem == null) {
      answered++;
    } else {
      failed++;
      if (failures.size() < FAILURES_KEPT) {
        failures.add(problem);
      }
    }
  }

  /** Returns the counts since the last call, or since the start, and resets them. */
  synchronized Count take() {
    Count count = new Count(answered, failed, slowest, List.copyOf(failures));
    answered = 0;
    failed = 0;
    slowest = Duration.ZERO;
    failures.clear();
    return count;
  }
}
