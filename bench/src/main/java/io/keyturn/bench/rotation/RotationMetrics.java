package io.keyturn.bench.rotation;

import io.keyturn.bench.results.Metric;
import java.util.List;

/** What is measured of a rotation function. */
public final class RotationMetrics {
  static final Metric COLD = new Metric("coldMillis", "cold ms", 0, true);
  public static final Metric FIRST_ANSWER =
      new Metric("firstAnswerMillis", "first answer ms", 0, true);
  public static final Metric FIRST_ANSWER_PROCESSOR =
      new Metric("firstAnswerProcessorMillis", "first answer processor ms", 0, true);
  static final Metric COLD_PROCESSOR =
      new Metric("coldProcessorMillis", "cold processor ms", 0, true);
  static final Metric WARM = new Metric("warmMillis", "warm ms", 1, true);
  static final Metric WARM_PROCESSOR =
      new Metric("warmProcessorMillis", "warm processor ms", 1, true);
  static final Metric PEAK = new Metric("coldPeakMegabytes", "peak MB, cold", 1, true);
  static final Metric PEAK_AT_END = new Metric("peakMegabytes", "peak MB", 1, true);
  static final Metric RESIDENT = new Metric("residentMegabytes", "resident MB", 1, false);
  static final Metric CALLS = new Metric("serviceCalls", "calls", 0, false);
  static final Metric WARM_CALLS = new Metric("warmServiceCalls", "warm calls", 0, false);
  public static final Metric CONNECTIONS =
      new Metric("serviceConnections", "connections", 0, false);
  public static final Metric WARM_CONNECTIONS =
      new Metric("warmServiceConnections", "warm connections", 1, false);
  static final Metric LOGINS = new Metric("logins", "logins", 0, false);
  static final Metric REFUSED = new Metric("refusedLogins", "refused", 0, false);
  static final Metric WARM_LOGINS = new Metric("warmLogins", "warm logins", 0, false);

  static final List<Metric> ALL =
      List.of(
          COLD,
          FIRST_ANSWER,
          FIRST_ANSWER_PROCESSOR,
          COLD_PROCESSOR,
          WARM,
          WARM_PROCESSOR,
          PEAK,
          PEAK_AT_END,
          RESIDENT,
          CALLS,
          WARM_CALLS,
          CONNECTIONS,
          WARM_CONNECTIONS,
          LOGINS,
          REFUSED,
          WARM_LOGINS);

  private RotationMetrics() {}
}
