package io.keyturn.bench.results;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The samples of one benchmark, their medians, and the ratios of the first subject's medians to
 * those of the others.
 */
public final class Results {
  private final String title;
  private final List<Metric> metrics;
  private final List<Sample> samples = new ArrayList<>();
  private final Map<String, String> conditions = new LinkedHashMap<>();

  public Results(String title, List<Metric> metrics) {
    this.title = title;
    this.metrics = List.copyOf(metrics);
  }

  public void add(Sample sample) {
    samples.add(sample);
  }

  /** Adds a condition under which the samples were taken. */
  public void condition(String name, String value) {
    conditions.put(name, value);
  }

  public String title() {
    return title;
  }

  public Map<String, String> conditions() {
    return conditions;
  }

  public List<Metric> metrics() {
    return metrics;
  }

  public List<Sample> samples() {
    return List.copyOf(samples);
  }

  public List<String> subjects() {
    return samples.stream().map(Sample::subject).distinct().toList();
  }

  public List<Integer> latencies() {
    return samples.stream().map(Sample::latencyMillis).distinct().toList();
  }

  /** Returns nothing if there is no such value. */
  public OptionalDouble median(String subject, int latency, Metric metric) {
    return Median.of(
        samples.stream()
            .filter(sample -> sample.subject().equals(subject))
            .filter(sample -> sample.latencyMillis() == latency)
            .map(sample -> sample.values().get(metric))
            .filter(value -> value != null)
            .toList());
  }

  /**
   * Returns the ratio of the first subject's median to another one's, or nothing if one of them is
   * missing.
   */
  public OptionalDouble ratio(String other, int latency, Metric metric) {
    OptionalDouble ours = median(subjects().get(0), latency, metric);
    OptionalDouble theirs = median(other, latency, metric);
    if (ours.isEmpty() || theirs.isEmpty() || theirs.getAsDouble() == 0) {
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(ours.getAsDouble() / theirs.getAsDouble());
  }
}
