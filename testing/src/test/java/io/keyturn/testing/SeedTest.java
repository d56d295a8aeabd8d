package io.keyturn.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeedTest {
  private static final List<Integer> ALL = IntStream.range(0, 100).boxed().toList();

  @Test
  void aSampleIsTheSameForTheSameSeed() {
    List<Integer> sample = Seed.sample(ALL, 6, "one");

    assertThat(sample).hasSize(6).isSorted().doesNotHaveDuplicates();
    assertThat(Seed.sample(ALL, 6, "one")).isEqualTo(sample);
    assertThat(Seed.sample(ALL, 1000, "one")).isEqualTo(ALL);
  }

  @Test
  void testsDrawApartFromEachOther() {
    assertThat(Seed.sample(ALL, 50, "one")).isNotEqualTo(Seed.sample(ALL, 50, "two"));
  }

  @Test
  void theCommandRepeatsTheSeed() {
    assertThat(RepeatCommand.of(SeedTest.class))
        .startsWith("mvn -B verify -am -pl testing -Dtest=SeedTest ")
        .contains(" -Dkeyturn.seed=" + Seed.value());
  }
}
