package io.keyturn.bench.rotation;

import io.keyturn.bench.BenchException;
import io.keyturn.bench.BenchStack;
import io.keyturn.bench.LastLines;
import io.keyturn.bench.LoginCount.Logins;
import io.keyturn.bench.Median;
import io.keyturn.bench.Metric;
import io.keyturn.bench.ProcessTree;
import io.keyturn.bench.Sample;
import io.keyturn.local.lambda.ExecutionEnvironment;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LogSink;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** A rotation function that is measured, with a secret of its own. */
final class RotationSubject {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double KILOBYTES_PER_MEGABYTE = 1024;

  /** How a process of the function is started. */
  interface Start {
    ExecutionEnvironment environment(LogSink logs);
  }

  private final String name;
  private final FunctionDefinition function;
  private final RotatedSecret secret;
  private final BenchStack stack;
  private final Start start;
  private final LogSink logs;

  private ExecutionEnvironment environment;
  private LastLines lastLines;
  private long firstEventAt;
  private final List<InvocationResult> answers = new ArrayList<>();

  RotationSubject(
      String name,
      FunctionDefinition function,
      RotatedSecret secret,
      BenchStack stack,
      Start start,
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

  /** Hands an event of Secrets Manager to the process, which the first event starts. */
  Optional<String> invoke(byte[] event) {
    try {
      if (environment == null) {
        lastLines = new LastLines(logs);
        environment = start.environment(lastLines);
      }
      if (answers.isEmpty()) {
        firstEventAt = System.nanoTime();
      }
      InvocationResult answer = environment.invoke(UUID.randomUUID().toString(), event);
      answers.add(answer);
      return answer.error();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("Interrupted");
    }
  }

  /** One process: a cold rotation, and then warm ones. */
  Sample measure(int latency, int warm) {
    try {
      return measured(latency, warm);
    } catch (BenchException e) {
      // Ended first, so that all of its log is there.
      end();
      throw new BenchException(
          name + " at a latency of " + latency + " ms: " + e.getMessage() + "\n" + log(), e);
    } finally {
      end();
    }
  }

  private Sample measured(int latency, int warm) {
    Map<Metric, Double> values = new HashMap<>();
    stack.secretsManager().requests().clear();
    Logins before = secret.logins().now();
    rotate();
    long started = environment.startedAt();
    values.put(RotationMetrics.FIRST_ANSWER, millis(started, answers.get(0).answeredAt()));
    values.put(RotationMetrics.COLD, millis(started, lastAnswer()));
    Optional<ProcessTree.Usage> cold = ProcessTree.usage(environment.process());
    Logins afterCold = secret.logins().now();
    Logins logins = afterCold.since(before);
    long calls = calls();
    values.put(RotationMetrics.CALLS, (double) calls);
    values.put(RotationMetrics.LOGINS, (double) logins.accepted());
    values.put(RotationMetrics.REFUSED, (double) logins.refused());

    List<Double> warmMillis = new ArrayList<>();
    for (int i = 0; i < warm; i++) {
      warmMillis.add(rotate());
    }
    if (warm > 0) {
      values.put(RotationMetrics.WARM, Median.of(warmMillis).orElseThrow());
      values.put(RotationMetrics.WARM_CALLS, (double) (calls() - calls) / warm);
      Logins warmLogins = secret.logins().now().since(afterCold);
      values.put(RotationMetrics.WARM_LOGINS, (double) warmLogins.accepted() / warm);
    }
    Optional<ProcessTree.Usage> end = ProcessTree.usage(environment.process());
    if (cold.isPresent() && end.isPresent()) {
      addUsage(values, cold.get(), end.get(), warm);
    }
    return new Sample(name, latency, values);
  }

  private static void addUsage(
      Map<Metric, Double> values, ProcessTree.Usage cold, ProcessTree.Usage end, int warm) {
    values.put(RotationMetrics.COLD_PROCESSOR, cold.processorMillis());
    values.put(RotationMetrics.PEAK, cold.peakKilobytes() / KILOBYTES_PER_MEGABYTE);
    values.put(RotationMetrics.PEAK_AT_END, end.peakKilobytes() / KILOBYTES_PER_MEGABYTE);
    values.put(RotationMetrics.RESIDENT, end.residentKilobytes() / KILOBYTES_PER_MEGABYTE);
    if (warm > 0) {
      values.put(
          RotationMetrics.WARM_PROCESSOR, (end.processorMillis() - cold.processorMillis()) / warm);
    }
  }

  /** From the first event to the last answer, in milliseconds. */
  private double rotate() {
    answers.clear();
    secret.rotate(function);
    return millis(firstEventAt, lastAnswer());
  }

  private long lastAnswer() {
    return answers.get(answers.size() - 1).answeredAt();
  }

  private long calls() {
    return stack.secretsManager().requests().all().stream()
        .filter(request -> request.caller().equals(function.accessKeyId()))
        .count();
  }

  private String log() {
    return lastLines == null ? "It was not started." : "The end of its log:\n" + lastLines.text();
  }

  private void end() {
    if (environment != null) {
      environment.close();
      environment = null;
    }
  }

  private static double millis(long from, long to) {
    return (to - from) / NANOS_PER_MILLI;
  }
}
