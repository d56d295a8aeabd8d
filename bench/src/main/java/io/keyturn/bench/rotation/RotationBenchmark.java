package io.keyturn.bench.rotation;

import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.measure.Machine;
import io.keyturn.bench.measure.PackagedFunctions;
import io.keyturn.bench.measure.Plan;
import io.keyturn.bench.results.Results;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import io.keyturn.local.stack.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Measures the packaged rotator and its peers alternately. Each has its own secret and role, which
 * the local Secrets Manager rotates.
 */
public final class RotationBenchmark implements FunctionInvoker {
  /** The name of this checkout's rotator in tables. */
  public static final String OURS = "keyturn";

  private final Plan plan;
  private final Strategy strategy;
  private final Consumer<String> progress;
  private final Map<String, RotationSubject> subjects = new ConcurrentHashMap<>();

  public RotationBenchmark(Plan plan, Strategy strategy, Consumer<String> progress) {
    this.plan = plan;
    this.strategy = strategy;
    this.progress = progress;
  }

  @Override
  public boolean exists(String functionArn) {
    return subjects.containsKey(functionArn);
  }

  @Override
  public Optional<String> invoke(String functionArn, byte[] event) {
    return subjects.get(functionArn).invoke(event);
  }

  public Results run(BenchStack stack, List<Peer> peers) {
    Results results = new Results("One rotation, " + strategy, RotationMetrics.ALL);
    results.condition("machine", Machine.description());
    results.condition("functions' JVM", Machine.jvm(plan.jvm()));
    results.condition("TLS", stack.trust().isEmpty() ? "none" : "Secrets Manager and PostgreSQL");
    results.condition("load before", Machine.load());
    List<RotationSubject> all = new ArrayList<>();
    all.add(ours(stack, results));
    for (Peer peer : peers) {
      all.add(peer(peer, stack));
    }
    all.forEach(subject -> subjects.put(subject.arn(), subject));
    stack.functions(this);
    measure(all, stack, results);
    results.condition("load after", Machine.load());
    return results;
  }

  private void measure(List<RotationSubject> all, BenchStack stack, Results results) {
    if (plan.firstUnmeasured()) {
      // Peers first, so that a command that does not work fails early.
      for (int i = all.size() - 1; i >= 0; i--) {
        all.get(i).measure(0, 0);
      }
    }
    for (int latency : plan.latencies()) {
      stack.latency(Duration.ofMillis(latency));
      for (int run = 1; run <= plan.runs(); run++) {
        for (RotationSubject subject : all) {
          progress.accept(
              subject.name() + ", latency " + latency + " ms, run " + run + " of " + plan.runs());
          results.add(subject.measure(latency, plan.warm()));
        }
      }
    }
  }

  private RotationSubject ours(BenchStack stack, Results results) {
    RotatedSecret secret = new RotatedSecret(stack, stack.newName("rotated"), strategy);
    results.condition("server", secret.postgresVersion());
    FunctionDefinition function = function(stack, secret);
    return new RotationSubject(
        OURS,
        function,
        secret,
        stack,
        logs -> stack.launcher().java(function, plan.jvm(), logs),
        plan.logs());
  }

  private RotationSubject peer(Peer peer, BenchStack stack) {
    RotatedSecret secret = new RotatedSecret(stack, stack.newName("peer"), strategy);
    FunctionDefinition function = function(stack, secret);
    return new RotationSubject(
        peer.name(),
        function,
        secret,
        stack,
        logs -> stack.launcher().command(function, peer.command(), peer.folder(), logs),
        plan.logs());
  }

  private FunctionDefinition function(BenchStack stack, RotatedSecret secret) {
    Map<String, String> parameters = new HashMap<>(secret.parameters());
    parameters.put("Strategy", strategy.toString());
    return PackagedFunctions.read(
        PackagedFunctions.ROTATOR, secret.name(), parameters, secret.arn(), stack, plan.memory());
  }
}
