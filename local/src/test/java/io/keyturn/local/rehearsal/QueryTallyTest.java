package io.keyturn.local.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueryTallyTest {
  private final QueryTally tally = new QueryTally();

  @Test
  void itCountsAnswersAndFailuresAndKeepsTheSlowestOfBoth() {
    tally.count(Duration.ofMillis(20), null);
    tally.count(Duration.ofMillis(30), "refused");
    tally.count(Duration.ofMillis(10), null);

    assertThat(tally.take())
        .isEqualTo(new QueryTally.Count(2, 1, Duration.ofMillis(30), List.of("refused")));
  }

  @Test
  void whatWasTakenIsNotCountedAgain() {
    tally.count(Duration.ofMillis(30), "refused");
    tally.take();

    assertThat(tally.take()).isEqualTo(new QueryTally.Count(0, 0, Duration.ZERO, List.of()));
  }

  @Test
  void failuresThatSayTheSameAreKeptOnceAndOnlyAFewAreKept() {
    for (int i = 0; i < 20; i++) {
      tally.count(Duration.ZERO, "refused");
      tally.count(Duration.ZERO, "refused in attempt " + i);
    }
    QueryTally.Count count = tally.take();
    assertThat(count.failed()).isEqualTo(40);
    assertThat(count.failures())
        .containsExactly(
            "refused",
            "refused in attempt 0",
            "refused in attempt 1",
            "refused in attempt 2",
            "refused in attempt 3");
  }
}
