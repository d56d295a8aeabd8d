package io.keyturn.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Medians as bars, for each metric in milliseconds that is compared, by latency; readable on light
 * and dark pages.
 */
final class BarChart {
  private static final List<String> COLORS =
      List.of("#2f81f7", "#d29922", "#8957e5", "#3fb950", "#db6d28");
  private static final int WIDTH = 720;
  private static final int LABELS = 210;
  private static final int BARS = WIDTH - LABELS - 90;
  private static final int BAR = 16;

  private final Results results;
  private final StringBuilder body = new StringBuilder();
  private int y = 24;

  BarChart(Results results) {
    this.results = results;
  }

  String svg() {
    text(0, y, "title", results.title());
    y += 12;
    results.metrics().stream()
        .filter(metric -> metric.compared() && metric.title().endsWith(" ms"))
        .forEach(this::panel);
    int height = y + 12;
    return """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <style>
          text { fill: #24292f; }
          .title { font-size: 15px; font-weight: bold; }
          .metric { font-weight: bold; }
          @media (prefers-color-scheme: dark) { text { fill: #e6edf3; } }
        </style>
        %s</svg>
        """
        .formatted(WIDTH, height, body);
  }

  private void panel(Metric metric) {
    double most =
        results.samples().stream()
            .mapToDouble(
                sample ->
                    results.median(sample.subject(), sample.latencyMillis(), metric).orElse(0))
            .max()
            .orElse(0);
    if (most == 0) {
      return;
    }
    y += 24;
    text(0, y, "metric", metric.title());
    y += 8;
    for (int latency : results.latencies()) {
      for (int i = 0; i < results.subjects().size(); i++) {
        String subject = results.subjects().get(i);
        OptionalDouble median = results.median(subject, latency, metric);
        if (median.isPresent()) {
          bar(subject + ", +" + latency + " ms", median.getAsDouble(), most, metric, i);
        }
      }
      y += 6;
    }
  }

  private void bar(String label, double value, double most, Metric metric, int color) {
    double width = Math.max(1, value / most * BARS);
    text(0, y + BAR - 4, "label", label);
    body.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
            LABELS,
            y,
            width,
            BAR - 3,
            COLORS.get(color % COLORS.size())));
    text(
        LABELS + (int) width + 6,
        y + BAR - 4,
        "label",
        String.format(Locale.ROOT, "%." + metric.decimals() + "f", value));
    y += BAR;
  }

  private void text(int x, int baseline, String style, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    body.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>%n",
            x,
            baseline,
            style,
            escaped));
  }
}
