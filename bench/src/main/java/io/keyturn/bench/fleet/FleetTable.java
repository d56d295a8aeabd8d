package io.keyturn.bench.fleet;

import io.keyturn.local.Strategy;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;

/** The report of a fleet for people. */
final class FleetTable {
  private static final int ERRORS_TOLD = 5;
  private static final int PROBLEMS_TOLD = 10;

  private FleetTable() {}

  static String title(
      int secrets, int environments, Strategy strategy, String postgres, double quotas) {
    return String.format(
        Locale.ROOT,
        "%d secrets, %d environments, %s, %s, %s, %d processors",
        secrets,
        environments,
        strategy,
        postgres,
        quotas == 0 ? "no quotas" : String.format(Locale.ROOT, "%.0f %% of the quotas", quotas),
        Runtime.getRuntime().availableProcessors());
  }

  static void print(WindowReport report, int window, PrintWriter out) {
    row(
        out,
        "window " + window,
        "%d rotations in %.1f s, %.2f per second, %d failed",
        report.rotations(),
        WindowReport.seconds(report.took()),
        report.perSecond(),
        report.failed());
    row(
        out,
        "retries",
        "%d attempts of rotations beyond the first; %d calls found no environment free",
        report.repeated(),
        report.turnedAway());
    report.errors().entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .limit(ERRORS_TOLD)
        .forEach(error -> row(out, "", "%d times %s", error.getValue(), error.getKey()));
    row(
        out,
        "service calls",
        "%.2f per rotation: %s; %d throttled and sent again",
        report.perRotation(report.answered()),
        report.requests(),
        report.throttled());
    row(
        out,
        "database",
        "at most %d connections, %.2f logins per rotation, %d refused, %d concurrent updates, %.1f ms of a processor"
            + " per rotation",
        report.mostConnections(),
        report.perRotation(report.logins()),
        report.refusedConnections(),
        report.concurrentUpdates(),
        report.perRotation(report.databaseProcessor().toMillis()));
    row(
        out,
        "function",
        "%d cold starts, %.1f ms of a processor per rotation, %d MB resident at most, warm medians %s ms",
        report.coldStarts(),
        report.perRotation(report.processor().toMillis()),
        report.peakMegabytes(),
        report.medianMillis());
    row(
        out,
        "billed",
        "%.0f ms and %.4f GB-seconds per rotation",
        report.perRotation(report.billedMillis()),
        report.gigabyteSeconds() / report.rotations());
    report.problems().stream()
        .limit(PROBLEMS_TOLD)
        .forEach(problem -> row(out, "PROBLEM", "%s", problem));
    if (report.problems().size() > PROBLEMS_TOLD) {
      row(out, "", "and %d more", report.problems().size() - PROBLEMS_TOLD);
    }
    out.flush();
  }

  private static void row(PrintWriter out, String name, String format, Object... values) {
    out.printf(Locale.ROOT, "  %-14s", name);
    out.printf(Locale.ROOT, format, values);
    out.println();
  }
}
