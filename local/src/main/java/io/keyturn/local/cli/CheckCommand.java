package io.keyturn.local.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.keyturn.local.check.PackagedRotator;
import io.keyturn.local.check.RotatedSecrets;
import io.keyturn.local.support.StackException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code keyturn check}: tells what a rotation would do and what would stop it. */
@Command(
    name = "check",
    description =
        "Check secrets before they are rotated, and change nothing. The packaged rotator runs in this process, with the"
            + " AWS credentials of the shell and the shell's variables as the function's. Exit 1 if a rotation would"
            + " fail.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class CheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Which which;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description = "The rotator (default: rotator/target/rotator.jar of this checkout).")
  private Path jar;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long the check of one secret may take.")
  private int timeout;

  @Option(
      names = "--parallel",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many secrets to check at once.")
  private int parallel;

  @Option(names = "--json", description = "Print the reports as a JSON array.")
  private boolean json;

  @Option(names = "--verbose", description = "Print what the rotator logs.")
  private boolean verbose;

  /** The secrets to check. */
  static final class Which {
    @Option(
        names = "--secret-id",
        paramLabel = "ID",
        required = true,
        description = "Name or ARN of a secret; may be repeated.")
    private List<String> secretIds;

    @Option(
        names = "--all",
        paramLabel = "FUNCTION",
        required = true,
        description = "Every secret whose rotation function has this name or ARN.")
    private String function;
  }

  @Override
  public Integer call() throws Exception {
    List<String> secrets =
        which.secretIds == null ? RotatedSecrets.of(which.function) : which.secretIds;
    if (secrets.isEmpty()) {
      throw new StackException(
          "No secret of this account and region has the rotation function " + which.function);
    }
    List<JsonNode> reports = check(secrets);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(
          new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(reports));
    } else {
      print(reports, out);
    }
    out.flush();
    return reports.stream().anyMatch(report -> "blocks".equals(outcome(report))) ? 1 : 0;
  }

  private List<JsonNode> check(List<String> secrets) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(Math.max(1, parallel));
    try (PackagedRotator rotator =
            new PackagedRotator(
                jar == null ? StackOptions.ofCheckout("rotator/target/rotator.jar", "--jar") : jar,
                Duration.ofSeconds(timeout),
                this::log);
        ProgressBar bar = bar(secrets.size())) {
      List<Future<JsonNode>> running = new ArrayList<>();
      for (String secret : secrets) {
        running.add(
            threads.submit(
                () -> {
                  JsonNode report = rotator.check(secret);
                  if (bar != null) {
                    bar.step();
                  }
                  return report;
                }));
      }
      List<JsonNode> reports = new ArrayList<>();
      for (Future<JsonNode> report : running) {
        reports.add(report.get());
      }
      return reports;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private void log(String line) {
    if (verbose) {
      spec.commandLine().getErr().println(line);
    }
  }

  /** A bar on a terminal, if there is more than one secret. */
  private static ProgressBar bar(int secrets) {
    return Ansi.AUTO.enabled() && secrets > 1
        ? new ProgressBarBuilder()
            .setTaskName("Secrets")
            .setInitialMax(secrets)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .build()
        : null;
  }

  private static void print(List<JsonNode> reports, PrintWriter out) {
    for (JsonNode report : reports) {
      for (JsonNode finding : report.path("findings")) {
        out.printf(
            "%s: %s (%s): %s%n",
            report.path("secret").asText(),
            finding.path("level").asText(),
            finding.path("code").asText(),
            finding.path("reason").asText());
        if (finding.hasNonNull("remedy")) {
          out.printf("    %s%n", finding.path("remedy").asText());
        }
      }
    }
    TextTable table =
        TextTable.forColumns(
            picocli.CommandLine.Help.defaultColorScheme(Ansi.OFF),
            new Column(10, 0, Column.Overflow.SPAN),
            new Column(22, 0, Column.Overflow.SPAN),
            new Column(24, 0, Column.Overflow.SPAN),
            new Column(100, 0, Column.Overflow.SPAN));
    table.addRowValues("outcome", "strategy", "user", "secret");
    for (JsonNode report : reports) {
      table.addRowValues(
          outcome(report),
          report.path("strategy").asText("-"),
          report.path("user").asText("-"),
          report.path("secret").asText());
    }
    out.print(table);
    out.printf(
        "%d of %d secrets can be rotated.%n",
        reports.stream().filter(report -> !"blocks".equals(outcome(report))).count(),
        reports.size());
  }

  private static String outcome(JsonNode report) {
    return report.path("outcome").asText();
  }
}
