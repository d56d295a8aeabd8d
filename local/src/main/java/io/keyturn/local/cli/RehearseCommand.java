package io.keyturn.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.keyturn.local.rehearsal.Progress;
import io.keyturn.local.rehearsal.Rehearsal;
import io.keyturn.local.rehearsal.RehearsalReport;
import io.keyturn.local.rehearsal.ReportPage;
import io.keyturn.local.rehearsal.ReportTable;
import io.keyturn.local.rehearsal.Timeline;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keyturn rehearse}: rotates on a schedule while queries run, and reports the outcome. */
@Command(
    name = "rehearse",
    description =
        "Rotate on the template's schedule, on a faster clock, while queries run without pause. Exits with 0 only if nothing failed.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class RehearseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private StackOptions options;

  @Option(
      names = "--rotations",
      paramLabel = "N",
      defaultValue = "5",
      description = "Number of rotations of each secret.")
  private int rotations;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description = "Seconds from one scheduled rotation to the next.")
  private double every;

  @Option(
      names = "--strategy",
      defaultValue = "alternating",
      description = "Rotation strategy: ${COMPLETION-CANDIDATES}.")
  private Strategy strategy;

  @Option(
      names = "--secrets",
      paramLabel = "N",
      defaultValue = "1",
      description = "Number of secrets to rotate, each with its own user, from 1 to 50.")
  private int secrets;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description =
          "Also write the report as an HTML page with a picture of all rotations and queries, or with the name FILE.svg"
              + " the picture alone.")
  private Path page;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (rotations < 1 || secrets < 1 || secrets > 50 || !(every >= 0.5)) {
      throw new ParameterException(
          spec.commandLine(),
          "--rotations must be at least 1, --secrets from 1 to 50, and --every at least 0.5 seconds");
    }
    Duration period = Duration.ofMillis((long) (every * 1000));
    RehearsalReport report;
    try (Progress progress = ConsoleProgress.of(rotations * secrets)) {
      progress.say("Starting PostgreSQL, the local Secrets Manager and both functions");
      try (LocalStack stack =
          options
              .stack()
              .strategy(strategy)
              .secrets(secrets)
              .schedulePeriod(period)
              .newConnectionForEachQuery()
              .start()) {
        Rehearsal rehearsal = new Rehearsal(stack, rotations, period, progress);
        report = rehearsal.run();
        writePage(report, rehearsal.timeline(), period);
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(report));
      out.flush();
    } else {
      ReportTable.print(report, out);
    }
    return report.succeeded() ? 0 : 1;
  }

  private void writePage(RehearsalReport report, Timeline timeline, Duration period) {
    if (page == null) {
      return;
    }
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("strategy", report.strategy());
    settings.put("schedule", report.schedule());
    settings.put("period in real time", period.toMillis() / 1000.0 + " s");
    settings.put("secrets", String.valueOf(secrets));
    settings.put("database", report.postgres());
    settings.put("Java", System.getProperty("java.runtime.version"));
    settings.put("Keyturn", KeyturnVersion.number());
    try {
      ReportPage written = new ReportPage(report, timeline, settings);
      Files.writeString(page, page.toString().endsWith(".svg") ? written.svg() : written.html());
    } catch (IOException e) {
      throw new StackException("The report could not be written to %s: %s".formatted(page, e), e);
    }
  }
}
