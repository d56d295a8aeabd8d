package io.keyturn.bench.results;

import java.util.Collection;
import java.util.OptionalDouble;

/** The median of values, which a single slow run does not change. */
public final class Median {
  private Median() {}

  /** Returns the median, or nothing if there are no values. */
  public static OptionalDouble of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      return OptionalDouble.empty();
    }
    int middle = sorted.length / 2;
    return OptionalDouble.of(
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
  }
}
