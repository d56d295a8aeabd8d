package io.keyturn.bench.results;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Results as an aligned Markdown table: medians, then ratios. */
public final class ResultsTable {
  private final List<List<String>> rows = new ArrayList<>();

  public ResultsTable(Results results) {
    List<String> header = new ArrayList<>(List.of("latency ms", ""));
    results.metrics().forEach(metric -> header.add(metric.title()));
    rows.add(header);
    for (int latency : results.latencies()) {
      for (String subject : results.subjects()) {
        rows.add(
            row(latency, subject, results, metric -> median(results, subject, latency, metric)));
      }
      results.subjects().stream()
          .skip(1)
          .forEach(
              peer ->
                  rows.add(
                      row(
                          latency,
                          results.subjects().get(0) + " / " + peer,
                          results,
                          metric -> ratio(results, peer, latency, metric))));
    }
  }

  private interface Cell {
    String of(Metric metric);
  }

  private static List<String> row(int latency, String name, Results results, Cell cell) {
    List<String> row = new ArrayList<>(List.of(String.valueOf(latency), name));
    results.metrics().forEach(metric -> row.add(cell.of(metric)));
    return row;
  }

  private static String median(Results results, String subject, int latency, Metric metric) {
    return text(results.median(subject, latency, metric), metric.decimals());
  }

  private static String ratio(Results results, String peer, int latency, Metric metric) {
    return metric.compared() ? text(results.ratio(peer, latency, metric), 2) : "";
  }

  /** A dash stands for a value that this machine does not measure. */
  private static String text(OptionalDouble value, int decimals) {
    return value.isEmpty()
        ? "-"
        : String.format(Locale.ROOT, "%." + decimals + "f", value.getAsDouble());
  }

  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      lines.add(
          IntStream.range(0, row.size())
              .mapToObj(column -> padded(row.get(column), column))
              .collect(Collectors.joining(" | ", "| ", " |")));
    }
    lines.add(
        1,
        IntStream.range(0, rows.get(0).size())
            .mapToObj(column -> column == 1 ? "---" : "---:")
            .collect(Collectors.joining("|", "|", "|")));
    return String.join("\n", lines);
  }

  private String padded(String cell, int column) {
    String padding = " ".repeat(width(column) - cell.length());
    return column == 1 ? cell + padding : padding + cell;
  }

  private int width(int column) {
    return rows.stream()
        .map(row -> row.get(column).length())
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }
}
