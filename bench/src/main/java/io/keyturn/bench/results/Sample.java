package io.keyturn.bench.results;

import java.util.Map;

/**
 * The results of one run of a subject.
 *
 * @param latencyMillis that was added to each answer of Secrets Manager and PostgreSQL
 * @param values without those that this machine does not measure
 */
public record Sample(String subject, int latencyMillis, Map<Metric, Double> values) {
  public Sample {
    values = Map.copyOf(values);
  }
}
