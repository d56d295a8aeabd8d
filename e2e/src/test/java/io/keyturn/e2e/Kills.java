package io.keyturn.e2e;

import io.keyturn.testing.Seed;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** What a test's kills hit, by phases of a rotation, for its report. */
final class Kills {
  private final long begin = System.nanoTime();
  private final Map<String, Integer> phases = new TreeMap<>();
  private int count;
  private int late;

  void hit(String phase) {
    count++;
    phases.merge(phase, 1, Integer::sum);
  }

  /** A kill that the rotation did not notice. */
  void cameTooLate() {
    late++;
  }

  int count() {
    return count;
  }

  /** Such as {@code PostgreSQL killed 5 times (single): ...}, in a line. */
  void print(String victim, DisturbedStack stack, String more) {
    System.out.printf(
        "%s killed %d times (%s): %s; %s%d too late to count; seed %d; %d logins watched,"
            + " %d failures; %d s%n",
        victim,
        count,
        stack.strategy(),
        phases,
        more,
        late,
        Seed.value(),
        stack.watch().answered(),
        stack.problems().size(),
        Duration.ofNanos(System.nanoTime() - begin).toSeconds());
  }
}
