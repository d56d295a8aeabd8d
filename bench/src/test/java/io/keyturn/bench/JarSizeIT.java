package io.keyturn.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What Lambda has to fetch and unpack before a function starts. */
class JarSizeIT {
  private static final long ROTATOR_BYTES = 6_000_000;
  private static final long CONSUMER_BYTES = 9_000_000;

  @Test
  void theRotatorIsSmall() {
    assertThat(Path.of("../rotator/target/rotator.jar").toFile().length())
        .isBetween(1L, ROTATOR_BYTES);
  }

  @Test
  void theConsumerIsSmall() {
    assertThat(Path.of("../consumer/target/consumer.jar").toFile().length())
        .isBetween(1L, CONSUMER_BYTES);
  }
}
