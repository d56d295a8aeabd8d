package io.keyturn.bench.fleet;

import io.keyturn.local.Strategy;
import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.secretsmanager.Quotas;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench fleet}: rotates many secrets of one server in one window. */
@Command(
    name = "fleet",
    description =
        "Rotate many secrets of one PostgreSQL in one window, with the service's quotas; exit 0 only if none failed.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class FleetCommand implements Callable<Integer> {
  /** Below the service's 50, so that making the secrets is not what is throttled. */
  private static final double REQUESTS_PER_SECOND = 45;

  @Spec private CommandSpec spec;
  @Mixin private TemplateOption template;

  @Option(
      names = "--secrets",
      paramLabel = "N",
      split = ",",
      defaultValue = "1000",
      description = "How many; several numbers make a fleet of each.")
  private List<Integer> secrets;

  @Option(
      names = "--environments",
      paramLabel = "N",
      defaultValue = "50",
      description = "How many processes the rotator may have.")
  private int environments;

  @Option(
      names = "--at-once",
      paramLabel = "N",
      description =
          "How many rotations the service runs side by side (default: as many as there are environments).")
  private Integer atOnce;

  @Option(
      names = "--strategy",
      defaultValue = "alternating",
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private Strategy strategy;

  @Option(
      names = "--windows",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many windows, one after the other; the first makes the alternating users.")
  private int windows;

  @Option(
      names = "--quotas",
      paramLabel = "PERCENT",
      defaultValue = "100",
      description = "Of the service's own; 0 for none.")
  private double quotas;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "100",
      description = "Of the server.")
  private int maxConnections;

  @Option(
      names = "--check",
      paramLabel = "N",
      defaultValue = "100",
      description = "How many secrets' logins and labels are looked at after each window.")
  private int check;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Chooses the secrets that are looked at.")
  private long seed;

  @Option(names = "--verbose", description = "Print what the rotator logs.")
  private boolean verbose;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean succeeded = true;
    for (int number : secrets) {
      try (Fleet fleet = Fleet.start(plan(number), line -> say(err, line))) {
        out.println(
            FleetTable.title(number, environments, strategy, fleet.postgresVersion(), quotas));
        for (int window = 1; window <= windows; window++) {
          WindowReport report = fleet.window();
          FleetTable.print(report, window, out);
          succeeded &= report.succeeded();
        }
      }
    }
    return succeeded ? 0 : 1;
  }

  private static void say(PrintWriter err, String line) {
    err.println("fleet: " + line);
    err.flush();
  }

  private FleetPlan plan(int number) {
    if (number < 1 || environments < 1 || windows < 1 || check < 0 || quotas < 0) {
      throw new ParameterException(
          spec.commandLine(), "Numbers must be at least 1; --check and --quotas may be 0");
    }
    double factor = quotas / 100;
    return new FleetPlan(
        template.path(),
        strategy,
        number,
        environments,
        atOnce == null ? environments : atOnce,
        factor == 0 ? Quotas.none() : Quotas.ofService(factor),
        REQUESTS_PER_SECOND * (factor == 0 ? 1 : factor),
        maxConnections,
        check,
        seed,
        verbose ? LogSink.printTo(System.err) : LogSink.discard());
  }
}
