package io.keyturn.local.rehearsal;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints a rehearsal's report as a table. */
public final class ReportTable {
  private static final List<String> STEPS =
      List.of("createSecret", "setSecret", "testSecret", "finishSecret");
  private static final String FORMAT = "%8s  %12s  %9s  %10s  %12s  %-36s  %8s  %6s  %7s%n";

  /** Used if there is more than one secret. */
  private static final String SECRET_FORMAT = "%-14s  ";

  private ReportTable() {}

  /** Prints a row for each rotation, then the problems, then the verdict. */
  public static void print(RehearsalReport report, PrintWriter out) {
    boolean several = report.rotations().stream().map(RotationRow::secret).distinct().count() > 1;
    if (several) {
      out.printf(SECRET_FORMAT, "secret");
    }
    out.printf(
        FORMAT,
        "rotation",
        STEPS.get(0),
        STEPS.get(1),
        STEPS.get(2),
        STEPS.get(3),
        "version that became current",
        "answered",
        "failed",
        "slowest");
    for (RotationRow row : report.rotations()) {
      if (several) {
        out.printf(SECRET_FORMAT, row.secret());
      }
      List<Object> cells = new ArrayList<>();
      cells.add(row.number());
      STEPS.forEach(step -> cells.add(millis(row.stepMillis().get(step))));
      cells.add(row.version());
      cells.add(row.queriesAnswered());
      cells.add(row.queriesFailed());
      cells.add(millis(row.slowestQueryMillis()));
      out.printf(FORMAT, cells.toArray());
    }
    out.println();
    for (RotationRow row : report.rotations()) {
      row.problems().forEach(problem -> out.println("Rotation " + row.number() + ": " + problem));
    }
    report.problems().forEach(out::println);
    out.printf(
        "%s: %d of %d rotations finished on %s (%s), %d queries answered, %d failed, slowest %d ms.%n",
        report.succeeded() ? "PASSED" : "FAILED",
        report.rotations().stream().filter(RotationRow::succeeded).count(),
        report.rotationsAskedFor(),
        report.postgres(),
        report.strategy(),
        report.queriesAnswered(),
        report.queriesFailed(),
        report.slowestQueryMillis());
    out.flush();
  }

  private static String millis(Long millis) {
    return millis == null ? "-" : millis + " ms";
  }
}
