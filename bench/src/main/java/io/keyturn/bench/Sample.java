package io.keyturn.bench;

import java.util.Map;

/**
 * What one run of a subject gave.
 *
 * @param latencyMillis that was added to each answer of Secrets Manager
 * @param values without those that this machine cannot tell
 */
public record Sample(String subject, int latencyMillis, Map<Metric, Double> values) {
  public Sample {
    values = Map.copyOf(values);
  }
}
