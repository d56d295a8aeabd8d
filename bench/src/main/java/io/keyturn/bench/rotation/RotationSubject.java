package io.keyturn.bench.rotation;

import io.keyturn.bench.measure.BenchException;
import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.measure.LoginCount.Logins;
import io.keyturn.bench.measure.MeasuredProcess;
import io.keyturn.bench.measure.ProcessTree.Usage;
import io.keyturn.bench.results.Median;
import io.keyturn.bench.results.Metric;
import io.keyturn.bench.results.Sample;
import io.keyturn.local.lambda.ExecutionEnvironment;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LogSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A rotation function that is measured, with its own secret. */
public final class RotationSubject {
  private final String name;
  private final FunctionDefinition function;
  private final RotatedSecret secret;
  private final BenchStack stack;
  private final Function<LogSink, ExecutionEnvironment> start;
  private final LogSink logs;

  private MeasuredProcess process;
  private Optional<Usage> atFirstAnswer = Optional.empty();
  private long firstEventAt;
  private final List<InvocationResult> answers = new ArrayList<>();

  public RotationSubject(
      String name,
      FunctionDefinition function,
      RotatedSecret secret,
      BenchStack stack,
      Function<LogSink, ExecutionEnvironment> start,
      LogSink logs) {
    this.name = name;
    this.function = function;
    this.secret = secret;
    this.stack = stack;
    this.start = start;
    this.logs = logs;
  }

  String name() {
    return name;
  }

  String arn() {
    return function.arn();
  }

  /** Passes an event of Secrets Manager to the process. The first event starts the process. */
  public Optional<String> invoke(byte[] event) {
    if (answers.isEmpty()) {
      firstEventAt = System.nanoTime();
    }
    if (process != null) {
      return add(process.invoke(event));
    }
    process = new MeasuredProcess(start, logs);
    InvocationResult first = process.invoke(event);
    atFirstAnswer = process.usage();
    return add(first);
  }

  private Optional<String> add(InvocationResult answer) {
    answers.add(answer);
    return answer.error();
  }

  /** One process: a cold rotation, and then warm ones. */
  public Sample measure(int latency, int warm) {
    try {
      return measured(latency, warm);
    } catch (BenchException e) {
      String message = name + " at a latency of " + latency + " ms: " + e.getMessage();
      throw process == null ? new BenchException(message, e) : process.failure(message, e);
    } finally {
      if (process != null) {
        process.close();
        process = null;
      }
    }
  }

  private Sample measured(int latency, int warm) {
    Map<Metric, Double> values = new HashMap<>();
    stack.secretsManager().requests().clear();
    int connectionsBefore = connections();
    Logins before = secret.logins().now();
    rotate();
    values.put(RotationMetrics.FIRST_ANSWER, process.millisSinceStart(answers.get(0)));
    values.put(RotationMetrics.COLD, process.millisSinceStart(lastAnswer()));
    Optional<Usage> cold = process.usage();
    Logins afterCold = secret.logins().now();
    Logins logins = afterCold.since(before);
    long calls = calls();
    int connections = connections();
    values.put(RotationMetrics.CONNECTIONS, (double) (connections - connectionsBefore));
    values.put(RotationMetrics.CALLS, (double) calls);
    values.put(RotationMetrics.LOGINS, (double) logins.accepted());
    values.put(RotationMetrics.REFUSED, (double) logins.refused());

    List<Double> warmMillis = new ArrayList<>();
    for (int i = 0; i < warm; i++) {
      warmMillis.add(rotate());
    }
    Optional<Usage> end = process.usage();
    if (warm > 0) {
      values.put(RotationMetrics.WARM, Median.of(warmMillis).orElseThrow());
      values.put(RotationMetrics.WARM_CALLS, (double) (calls() - calls) / warm);
      values.put(RotationMetrics.WARM_CONNECTIONS, (double) (connections() - connections) / warm);
      Logins warmLogins = secret.logins().now().since(afterCold);
      values.put(RotationMetrics.WARM_LOGINS, (double) warmLogins.accepted() / warm);
    }
    if (atFirstAnswer.isPresent() && cold.isPresent() && end.isPresent()) {
      addUsage(values, atFirstAnswer.get(), cold.get(), end.get(), warm);
    }
    return new Sample(name, latency, values);
  }

  private static void addUsage(
      Map<Metric, Double> values, Usage first, Usage cold, Usage end, int warm) {
    values.put(RotationMetrics.FIRST_ANSWER_PROCESSOR, first.processorMillis());
    values.put(RotationMetrics.COLD_PROCESSOR, cold.processorMillis());
    values.put(RotationMetrics.PEAK, cold.peakMegabytes());
    values.put(RotationMetrics.PEAK_AT_END, end.peakMegabytes());
    values.put(RotationMetrics.RESIDENT, end.residentMegabytes());
    if (warm > 0) {
      values.put(
          RotationMetrics.WARM_PROCESSOR, (end.processorMillis() - cold.processorMillis()) / warm);
    }
  }

  /** From the first event to the last answer, in milliseconds. */
  private double rotate() {
    answers.clear();
    secret.rotate(function);
    return MeasuredProcess.millis(firstEventAt, lastAnswer().answeredAt());
  }

  private InvocationResult lastAnswer() {
    return answers.get(answers.size() - 1);
  }

  private int connections() {
    return stack.connections(function.accessKeyId());
  }

  private long calls() {
    return stack.secretsManager().requests().all().stream()
        .filter(request -> request.caller().equals(function.accessKeyId()))
        .count();
  }
}
