package io.keyturn.local.support;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The clock of the local stack. It is the machine's own, or runs faster, so that days pass in
 * seconds.
 */
public final class LocalClock implements InstantSource {
  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();
  private final double speed;

  private LocalClock(double speed) {
    if (!(speed >= 1)) {
      throw new IllegalArgumentException(
          "The speed of a local clock must be at least 1, not " + speed);
    }
    this.speed = speed;
  }

  public static LocalClock realTime() {
    return new LocalClock(1);
  }

  /**
   * Returns a clock on which {@code local} passes while {@code real} passes on the machine's clock.
   */
  public static LocalClock passing(Duration local, Duration real) {
    return new LocalClock((double) local.toNanos() / real.toNanos());
  }

  @Override
  public Instant instant() {
    return start.plusNanos((long) ((System.nanoTime() - startNanos) * speed));
  }

  /** Returns how long {@code local} takes on the machine's clock. */
  public Duration toReal(Duration local) {
    return Duration.ofNanos((long) (local.toNanos() / speed));
  }
}
