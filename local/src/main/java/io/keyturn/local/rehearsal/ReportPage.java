package io.keyturn.local.rehearsal;

import io.keyturn.local.rehearsal.Timeline.Current;
import io.keyturn.local.rehearsal.Timeline.Query;
import io.keyturn.local.rehearsal.Timeline.Step;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/**
 * A rehearsal's report as one HTML file that needs no other: a picture of all rotations and queries
 * over time, and tables that say the same.
 */
public final class ReportPage {
  private static final List<String> STEPS =
      List.of("createSecret", "setSecret", "testSecret", "finishSecret");

  /** In units of the picture, which is scaled to the width of the page. */
  private static final int WIDTH = 1000;

  private static final int LEFT = 90;
  private static final double RIGHT = 25;
  private static final int LANE = 46;
  private static final int PLOT = 220;
  private static final int TICKS = 8;

  private final RehearsalReport report;
  private final Timeline timeline;
  private final Map<String, String> settings;
  private final long end;
  private final long slowest;

  /**
   * @param settings what the rehearsal ran with, such as versions
   */
  public ReportPage(RehearsalReport report, Timeline timeline, Map<String, String> settings) {
    this.report = report;
    this.timeline = timeline;
    this.settings = settings;
    end =
        Math.max(
            1,
            Math.max(
                timeline.queries().stream().mapToLong(q -> q.start() + q.took()).max().orElse(0),
                timeline.steps().stream().mapToLong(s -> s.start() + s.took()).max().orElse(0)));
    slowest = Math.max(1, timeline.queries().stream().mapToLong(Query::took).max().orElse(0));
  }

  /** The picture alone, as an SVG file. */
  public String svg() {
    String page = resource("report.html");
    String style = page.substring(page.indexOf("<style>"), page.indexOf("</head>"));
    return picture()
        .replaceFirst("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ")
        .replaceFirst(
            ">",
            Matcher.quoteReplacement(
                ">\n" + style + "<rect class=\"paper\" width=\"100%\" height=\"100%\"/>"));
  }

  /** The whole file. */
  public String html() {
    return resource("report.html")
        .replace("@VERDICT@", report.succeeded() ? "passed" : "failed")
        .replace("@SUMMARY@", escaped(summary()))
        .replace("@PICTURE@", picture())
        .replace("@ROTATIONS@", rotations())
        .replace("@PROBLEMS@", problems())
        .replace("@CURRENTS@", currents())
        .replace("@SETTINGS@", settings());
  }

  private String summary() {
    return "%d of %d rotations finished (%s), %d queries answered, %d failed, slowest %d ms"
        .formatted(
            report.rotations().stream().filter(RotationRow::succeeded).count(),
            report.rotationsAskedFor(),
            report.strategy(),
            report.queriesAnswered(),
            report.queriesFailed(),
            report.slowestQueryMillis());
  }

  private String picture() {
    List<String> secrets =
        report.rotations().stream().map(RotationRow::secret).distinct().sorted().toList();
    int top = secrets.size() * LANE + 10;
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s. The tables below say all of it.\">%n"
            .formatted(WIDTH, top + PLOT + 30, escaped(summary())));
    for (int i = 0; i < secrets.size(); i++) {
      lane(svg, secrets.get(i), i * LANE);
    }
    axes(svg, top);
    dots(svg, top);
    return svg.append("</svg>").toString();
  }

  /** The versions of one secret that were current, and the steps above them. */
  private void lane(StringBuilder svg, String secret, int y) {
    svg.append(text(0, y + 22, "label", secret));
    List<Current> currents =
        timeline.currents().stream().filter(current -> current.secret().equals(secret)).toList();
    for (int i = 0; i < currents.size(); i++) {
      Current current = currents.get(i);
      long until = i + 1 < currents.size() ? currents.get(i + 1).since() : end;
      svg.append(
          rect(
              x(current.since()),
              y + 24,
              x(until) - x(current.since()),
              14,
              "current" + i % 2,
              "%s, version %s".formatted(current.user(), current.version())));
      if (x(until) - x(current.since()) > 60) {
        svg.append(text(x(current.since()) + 3, y + 35, "user", current.user()));
      }
    }
    for (Step step : timeline.steps()) {
      if (step.secret().equals(secret)) {
        svg.append(
            rect(
                x(step.start()),
                y + 4,
                Math.max(1.5, x(step.start() + step.took()) - x(step.start())),
                16,
                step.error() == null ? "step" + STEPS.indexOf(step.step()) : "failed",
                "%s, %d ms%s"
                    .formatted(
                        step.step(),
                        step.took(),
                        step.error() == null ? "" : ": " + step.error())));
      }
    }
  }

  private void axes(StringBuilder svg, int top) {
    for (int i = 0; i <= TICKS; i++) {
      long at = end * i / TICKS;
      svg.append(line(x(at), top, x(at), top + PLOT));
      svg.append(
          text(
              x(at) - 12,
              top + PLOT + 16,
              "tick",
              String.format(Locale.ROOT, "%.1f s", at / 1000.0)));
    }
    for (int i = 0; i <= 4; i++) {
      long took = slowest * i / 4;
      svg.append(line(LEFT, y(took, top), WIDTH - RIGHT, y(took, top)));
      svg.append(text(30, y(took, top) + 4, "tick", took + " ms"));
    }
  }

  /** A dot for each query; those that fall on the same place are drawn once. */
  private void dots(StringBuilder svg, int top) {
    Set<String> drawn = new LinkedHashSet<>();
    for (Query query : timeline.queries()) {
      if (query.problem() == null) {
        drawn.add(
            String.format(Locale.ROOT, "M%.0f %.0fh0", x(query.start()), y(query.took(), top)));
      }
    }
    svg.append("<path class=\"queries\" d=\"").append(String.join("", drawn)).append("\"/>\n");
    for (Query query : timeline.queries()) {
      if (query.problem() != null) {
        svg.append(
            "<circle class=\"failed\" cx=\"%s\" cy=\"%s\" r=\"5\"><title>%s</title></circle>%n"
                .formatted(
                    number(x(query.start())),
                    number(y(query.took(), top)),
                    escaped(query.problem())));
      }
    }
  }

  private double x(long millis) {
    return LEFT + (WIDTH - LEFT - RIGHT) * millis / end;
  }

  private double y(long took, int top) {
    return top + PLOT - (double) PLOT * took / slowest;
  }

  private String rotations() {
    return report.rotations().stream()
        .map(
            row ->
                "<tr%s>%s%s%s%s%s%s%s%s</tr>"
                    .formatted(
                        row.succeeded() ? "" : " class=\"failed\"",
                        cell(row.number()),
                        cell(row.secret()),
                        STEPS.stream()
                            .map(step -> cell(millis(row.stepMillis().get(step))))
                            .collect(Collectors.joining()),
                        cell(row.version()),
                        cell(row.attempts()),
                        cell(row.queriesAnswered()),
                        cell(row.queriesFailed()),
                        cell(millis(row.slowestQueryMillis()))))
        .collect(Collectors.joining("\n"));
  }

  private String problems() {
    List<String> problems =
        report.rotations().stream()
            .flatMap(
                row ->
                    row.problems().stream()
                        .map(problem -> "Rotation %d: %s".formatted(row.number(), problem)))
            .collect(Collectors.toCollection(ArrayList::new));
    problems.addAll(report.problems());
    return problems.isEmpty()
        ? ""
        : problems.stream()
            .map(problem -> "<li>%s</li>".formatted(escaped(problem)))
            .collect(Collectors.joining("\n", "<h2>Problems</h2>\n<ul class=\"failed\">", "</ul>"));
  }

  private String currents() {
    return timeline.currents().stream()
        .map(
            current ->
                "<tr>%s%s%s%s</tr>"
                    .formatted(
                        cell(String.format(Locale.ROOT, "%.1f s", current.since() / 1000.0)),
                        cell(current.secret()),
                        cell(current.user()),
                        cell(current.version())))
        .collect(Collectors.joining("\n"));
  }

  private String settings() {
    return settings.entrySet().stream()
        .map(
            entry ->
                "<tr><th scope=\"row\">%s</th>%s</tr>"
                    .formatted(escaped(entry.getKey()), cell(entry.getValue())))
        .collect(Collectors.joining("\n"));
  }

  private static String millis(Long millis) {
    return millis == null ? "" : millis + " ms";
  }

  private static String cell(Object value) {
    return "<td>%s</td>".formatted(escaped(String.valueOf(value)));
  }

  private static String text(double x, double y, String style, String text) {
    return "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>%n"
        .formatted(style, number(x), number(y), escaped(text));
  }

  private static String rect(
      double x, double y, double width, double height, String style, String title) {
    return "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"><title>%s</title></rect>%n"
        .formatted(
            style,
            number(x),
            number(y),
            number(Math.max(0, width)),
            number(height),
            escaped(title));
  }

  private static String line(double fromX, double fromY, double toX, double toY) {
    return "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>%n"
        .formatted(number(fromX), number(fromY), number(toX), number(toY));
  }

  /** With a point, whatever the locale. */
  private static String number(double value) {
    return String.valueOf(Math.round(value * 10) / 10.0);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String resource(String name) {
    try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
