package io.keyturn.rotator;

import io.keyturn.testing.Seed;
import java.util.List;

/**
 * How much of all that can disturb a rotation is run. The system property {@code keyturn.cuts} is a
 * number of cases for each scenario, drawn from all of them; or {@code all}; or {@code twice},
 * which disturbs the retry as well.
 */
final class CutExtent {
  private static final String CHOSEN = System.getProperty("keyturn.cuts", "4");

  private CutExtent() {}

  static boolean disturbsRetries() {
    return CHOSEN.equals("twice");
  }

  /** What is run of all the cases of this scenario. */
  static <T> List<T> of(List<T> all, CutScenario scenario) {
    return CHOSEN.equals("all") || CHOSEN.equals("twice")
        ? all
        : Seed.sample(all, Integer.parseInt(CHOSEN), scenario.name());
  }
}
