package io.keyturn.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What became of clients' queries, a row for each kind of them, for people. */
final class LatencyTable {
  private static final String FORMAT = "%-11s  %-24s  %-8s  %7s  %6s  %8s  %8s  %8s%n";

  private final StringBuilder text =
      new StringBuilder(
          FORMAT.formatted(
              "strategy", "client", "rotation", "queries", "failed", "p50", "p99", "max"));

  /** Queries of one kind; the times are of those that were answered. */
  record Row(
      String strategy, String client, String phase, int queries, int failed, List<Duration> times) {
    static Row of(String strategy, String client, String phase, List<QueryClient.Sample> samples) {
      List<Duration> times = new ArrayList<>();
      for (QueryClient.Sample sample : samples) {
        if (sample.problem().isEmpty()) {
          times.add(sample.took());
        }
      }
      times.sort(null);
      return new Row(
          strategy,
          client,
          phase,
          samples.size(),
          samples.size() - times.size(),
          List.copyOf(times));
    }

    /** The time that so many percent of the answers took at most; zero if there is none. */
    Duration percentile(int percent) {
      int rank = (times.size() * percent + 99) / 100;
      return times.isEmpty() ? Duration.ZERO : times.get(Math.max(0, rank - 1));
    }
  }

  void add(Row row) {
    text.append(
        FORMAT.formatted(
            row.strategy(),
            row.client(),
            row.phase(),
            row.queries(),
            row.failed(),
            millis(row.percentile(50)),
            millis(row.percentile(99)),
            millis(row.percentile(100))));
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private static String millis(Duration time) {
    return time.toMillis() + " ms";
  }
}
