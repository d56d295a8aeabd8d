package io.keyturn.bench.query;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.measure.Machine;
import io.keyturn.bench.measure.MeasuredProcess;
import io.keyturn.bench.measure.PackagedFunctions;
import io.keyturn.bench.measure.Plan;
import io.keyturn.bench.measure.ProcessTree.Usage;
import io.keyturn.bench.results.Median;
import io.keyturn.bench.results.Metric;
import io.keyturn.bench.results.Results;
import io.keyturn.bench.results.Sample;
import io.keyturn.bench.rotation.RotatedSecret;
import io.keyturn.bench.rotation.RotationMetrics;
import io.keyturn.bench.rotation.RotationSubject;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import io.keyturn.local.stack.Strategy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Measures the packaged query function and the rotator alternately: the time to their first
 * answers, and the cost of a warm query.
 */
public final class QueryBenchmark implements FunctionInvoker {
  static final String CONSUMER = "consumer";
  static final String ROTATOR = "rotator";

  private final Plan plan;
  private final byte[] request;
  private final Consumer<String> progress;
  private RotationSubject rotator;

  public QueryBenchmark(Plan plan, String sql, Consumer<String> progress) {
    this.plan = plan;
    this.request =
        JsonNodeFactory.instance
            .objectNode()
            .put("sql", sql)
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    this.progress = progress;
  }

  @Override
  public boolean exists(String functionArn) {
    return true;
  }

  @Override
  public Optional<String> invoke(String functionArn, byte[] event) {
    return rotator.invoke(event);
  }

  public Results run(BenchStack stack) {
    Results results = new Results("The query function's start", QueryMetrics.ALL);
    results.condition("machine", Machine.description());
    results.condition("functions' JVM", Machine.jvm(plan.jvm()));
    results.condition("TLS", stack.trust().isEmpty() ? "none" : "Secrets Manager and PostgreSQL");
    results.condition("load before", Machine.load());
    stack.functions(this);
    RotatedSecret queried = new RotatedSecret(stack, stack.newName(CONSUMER), Strategy.SINGLE);
    RotatedSecret rotated = new RotatedSecret(stack, stack.newName(ROTATOR), Strategy.SINGLE);
    results.condition("server", queried.postgresVersion());
    FunctionDefinition consumer = function(stack, PackagedFunctions.CONSUMER, queried);
    FunctionDefinition rotation = function(stack, PackagedFunctions.ROTATOR, rotated);
    rotator =
        new RotationSubject(
            ROTATOR,
            rotation,
            rotated,
            stack,
            logs -> stack.launcher().java(rotation, plan.jvm(), logs),
            plan.logs());
    if (plan.firstUnmeasured()) {
      query(stack, consumer, 0, 0);
      rotator.measure(0, 0);
    }
    for (int latency : plan.latencies()) {
      stack.latency(Duration.ofMillis(latency));
      for (int run = 1; run <= plan.runs(); run++) {
        progress.accept("latency " + latency + " ms, run " + run + " of " + plan.runs());
        results.add(query(stack, consumer, latency, plan.warm()));
        results.add(firstAnswer(rotator.measure(latency, 0)));
      }
    }
    results.condition("load after", Machine.load());
    return results;
  }

  private FunctionDefinition function(BenchStack stack, String handler, RotatedSecret secret) {
    Map<String, String> parameters = new HashMap<>(secret.parameters());
    parameters.put("Strategy", Strategy.SINGLE.toString());
    return PackagedFunctions.read(
        handler, secret.name(), parameters, secret.arn(), stack, plan.memory());
  }

  /** Returns the metrics of a rotation that can be compared with a query. */
  private static Sample firstAnswer(Sample rotation) {
    Map<Metric, Double> values = new HashMap<>(rotation.values());
    values.keySet().retainAll(QueryMetrics.ALL);
    return new Sample(rotation.subject(), rotation.latencyMillis(), values);
  }

  private Sample query(BenchStack stack, FunctionDefinition consumer, int latency, int warm) {
    try (MeasuredProcess process =
        new MeasuredProcess(
            logs -> stack.launcher().java(consumer, plan.jvm(), logs), plan.logs())) {
      Map<Metric, Double> values = new HashMap<>();
      values.put(RotationMetrics.FIRST_ANSWER, process.millisSinceStart(answer(process)));
      Optional<Usage> cold = process.usage();
      List<Double> warmMillis = new ArrayList<>();
      for (int i = 0; i < warm; i++) {
        long start = System.nanoTime();
        warmMillis.add(MeasuredProcess.millis(start, answer(process).answeredAt()));
      }
      Median.of(warmMillis).ifPresent(median -> values.put(QueryMetrics.WARM, median));
      Optional<Usage> end = process.usage();
      if (cold.isPresent() && end.isPresent()) {
        double processor = cold.get().processorMillis();
        values.put(RotationMetrics.FIRST_ANSWER_PROCESSOR, processor);
        values.put(QueryMetrics.PEAK, end.get().peakMegabytes());
        if (warm > 0) {
          values.put(QueryMetrics.WARM_PROCESSOR, (end.get().processorMillis() - processor) / warm);
        }
      }
      return new Sample(CONSUMER, latency, values);
    }
  }

  private InvocationResult answer(MeasuredProcess process) {
    InvocationResult answer = process.invoke(request);
    if (answer.error().isPresent()) {
      throw process.failure("The query failed: " + answer.error().get(), null);
    }
    return answer;
  }
}
