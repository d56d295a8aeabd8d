package io.keyturn.bench.query;

import io.keyturn.bench.results.Metric;
import io.keyturn.bench.rotation.RotationMetrics;
import java.util.List;

/** What is measured of the query function, and of the rotator beside it. */
final class QueryMetrics {
  static final Metric WARM = new Metric("warmMillis", "warm query ms", 2, false);
  static final Metric WARM_PROCESSOR =
      new Metric("warmProcessorMillis", "warm query processor ms", 2, false);
  static final Metric PEAK = new Metric("peakMegabytes", "peak MB", 1, false);

  static final List<Metric> ALL =
      List.of(
          RotationMetrics.FIRST_ANSWER,
          RotationMetrics.FIRST_ANSWER_PROCESSOR,
          WARM,
          WARM_PROCESSOR,
          PEAK);

  private QueryMetrics() {}
}
