package io.keyturn.bench.fleet;

import io.keyturn.bench.fleet.FleetFunction.Call;
import io.keyturn.local.LocalStack;
import io.keyturn.local.Strategy;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.secretsmanager.Quotas;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench cost}: what a rotation and a million queries cost, by what they take here. */
@Command(
    name = "cost",
    description =
        "Measure one rotation and one query, each alone in one environment, and tell what they and a million queries"
            + " cost.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class CostCommand implements Callable<Integer> {
  private static final String QUERY = "{\"sql\":\"SELECT 1\"}";
  private static final int MILLION = 1_000_000;
  private static final int STEPS = 4;

  /** The query function reads AWSCURRENT again with its first new connection after so long. */
  private static final int READS_PER_DAY = 24;

  private static final int DAYS = 30;

  /** A refused login reads both labels, and each again where a replica may not know yet. */
  private static final int READS_AFTER_ROTATION = 4;

  @Spec private CommandSpec spec;
  @Mixin private TemplateOption template;

  @Option(
      names = "--strategy",
      defaultValue = "alternating",
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private Strategy strategy;

  @Option(
      names = "--rotations",
      paramLabel = "N",
      defaultValue = "30",
      description = "How many to measure, of which the first is cold.")
  private int rotations;

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "2000",
      description = "How many to measure, after as many that warm the environment up.")
  private int queries;

  @Option(
      names = "--environments",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Of the query function, all in use for the month in which a million queries come.")
  private int environments;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    out.println("US dollars at list prices of us-east-1, Arm, without the free tier");
    WindowReport window = rotate(template.path());
    rotation(window, out);
    queries(out);
    out.flush();
    return window.succeeded() ? 0 : 1;
  }

  private WindowReport rotate(Path path) throws Exception {
    FleetPlan plan =
        new FleetPlan(
            path,
            strategy,
            rotations,
            1,
            1,
            Quotas.none(),
            1000,
            100,
            rotations,
            1,
            LogSink.discard());
    try (Fleet fleet = Fleet.start(plan, line -> {})) {
      // The first one makes the alternating users, which later ones find.
      fleet.window();
      return fleet.window();
    }
  }

  private static void rotation(WindowReport window, PrintWriter out) {
    List<Call> calls = window.calls();
    double serviceCalls = (double) window.answered() / window.rotations();
    double values =
        Stream.of("GetSecretValue", "PutSecretValue")
                .mapToDouble(operation -> window.requests().getOrDefault(operation, 0L))
                .sum()
            / window.rotations();
    double service = Prices.ofService(serviceCalls, values);
    line(
        out,
        "rotation, calls",
        "%.0f of Secrets Manager, %.0f with KMS: $%.6f",
        serviceCalls,
        values,
        service);
    List<Call> cold = calls.subList(0, STEPS);
    List<Call> warm = calls.subList(STEPS, calls.size());
    lambda(out, "rotation, cold", cold, 1, window.functionMegabytes(), service);
    lambda(
        out, "rotation, warm", warm, window.rotations() - 1, window.functionMegabytes(), service);
  }

  private static void lambda(
      PrintWriter out, String name, List<Call> calls, int count, int megabytes, double service) {
    double millis = (double) calls.stream().mapToLong(Call::billedMillis).sum() / count;
    double gigabyteSeconds = millis / 1000 * megabytes / 1024;
    line(
        out,
        name,
        "%.0f ms billed at %d MB, %.4f GB-seconds: $%.6f, with the calls $%.6f, a thousand rotations $%.3f",
        millis,
        megabytes,
        gigabyteSeconds,
        Prices.ofLambda(STEPS, gigabyteSeconds),
        Prices.ofLambda(STEPS, gigabyteSeconds) + service,
        1000 * (Prices.ofLambda(STEPS, gigabyteSeconds) + service));
  }

  private void queries(PrintWriter out) {
    List<Duration> took = new ArrayList<>();
    Duration cold;
    int megabytes;
    int reads;
    try (LocalStack stack = LocalStack.builder(template.path()).strategy(strategy).start()) {
      String function = stack.queryFunction();
      megabytes =
          stack.lambda().functions().stream()
              .filter(one -> one.name().equals(function))
              .findFirst()
              .orElseThrow()
              .memorySize();
      stack.secretsManager().requests().clear();
      InvocationResult first = query(stack, function);
      cold = first.duration().plus(first.initDuration());
      for (int i = 0; i < 2 * queries; i++) {
        InvocationResult result = query(stack, function);
        if (i >= queries) {
          took.add(result.duration());
        }
      }
      reads = stack.secretsManager().requests().count("GetSecretValue");
    }
    double millis = took.stream().mapToLong(CostCommand::billed).average().orElseThrow();
    double gigabyteSeconds = millis / 1000 * MILLION * megabytes / 1024;
    line(
        out,
        "query",
        "%.2f ms billed warm, %d ms cold, at %d MB; %d reads of the secret for %d queries",
        millis,
        billed(cold),
        megabytes,
        reads,
        2 * queries + 1);
    line(
        out,
        "million queries",
        "%.0f GB-seconds: $%.2f",
        gigabyteSeconds,
        Prices.ofLambda(MILLION, gigabyteSeconds));
    double atMost = (double) environments * (DAYS * READS_PER_DAY + READS_AFTER_ROTATION);
    line(
        out,
        "their secret",
        "at most %.0f calls in %d days with one rotation and %d environments: $%.3f; a read for each query: $%.2f",
        atMost,
        DAYS,
        environments,
        Prices.ofService(atMost, atMost),
        Prices.ofService(MILLION, MILLION));
  }

  private static InvocationResult query(LocalStack stack, String function) {
    InvocationResult result = stack.lambda().invokeSync(function, QUERY);
    result
        .error()
        .ifPresent(
            error -> {
              throw new IllegalStateException("A query failed: " + error);
            });
    return result;
  }

  private static long billed(Duration duration) {
    return duration.plusNanos(999_999).toMillis();
  }

  private static void line(PrintWriter out, String name, String format, Object... values) {
    out.printf(Locale.ROOT, "  %-16s", name);
    out.printf(Locale.ROOT, format, values);
    out.println();
  }
}
