package io.keyturn.local.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LocalClockTest {
  @Test
  void theRealClockIsTheMachines() {
    Instant before = Instant.now();
    Instant local = LocalClock.realTime().instant();
    assertThat(local).isBetween(before, Instant.now());
    assertThat(LocalClock.realTime().toReal(Duration.ofDays(1))).isEqualTo(Duration.ofDays(1));
  }

  @Test
  void aFastClockStartsNowAndPassesAMonthInASecond() {
    LocalClock clock = LocalClock.passing(Duration.ofDays(30), Duration.ofSeconds(1));
    Instant start = clock.instant();
    assertThat(start).isAfterOrEqualTo(Instant.now().minus(Duration.ofDays(1)));

    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> clock.instant().isAfter(start.plus(Duration.ofDays(3))));
  }

  @Test
  void realTimeIsLocalTimeDividedByTheSpeed() {
    LocalClock clock = LocalClock.passing(Duration.ofHours(4), Duration.ofSeconds(4));
    assertThat(clock.toReal(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(1));
    assertThat(clock.toReal(Duration.ZERO)).isEqualTo(Duration.ZERO);
  }

  @Test
  void aClockNeverRunsSlowerThanTime() {
    assertThatThrownBy(() -> LocalClock.passing(Duration.ofSeconds(1), Duration.ofSeconds(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0.5");
    assertThatThrownBy(() -> LocalClock.passing(Duration.ZERO, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
