package io.keyturn.local;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * The local stack's time: the machine's own, or one that runs faster so that days pass in seconds.
 */
public final class LocalClock implements InstantSource {
  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();
  private final double speed;

  private LocalClock(double speed) {
    if (!(speed >= 1)) {
      throw new IllegalArgumentException(
          "A local clock runs at least as fast as time does: " + speed);
    }
    this.speed = speed;
  }

  public static LocalClock realTime() {
    return new LocalClock(1);
  }

  /** A clock on which {@code local} passes while {@code real} does. */
  public static LocalClock passing(Duration local, Duration real) {
    return new LocalClock((double) local.toNanos() / real.toNanos());
  }

  @Override
  public Instant instant() {
    return start.plusNanos((long) ((System.nanoTime() - startNanos) * speed));
  }

  /** How long {@code local} takes on the machine's own clock. */
  public Duration toReal(Duration local) {
    return Duration.ofNanos((long) (local.toNanos() / speed));
  }
}
