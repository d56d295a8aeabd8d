package io.keyturn.datasource;

import java.security.SecureRandom;
import java.time.Duration;

/**
 * Pauses that double up to a limit, each of them shortened at random by up to a half, so that
 * environments that failed in the same moment do not come back in the same moment.
 */
final class Backoff {
  private final Duration first;
  private final Duration longest;
  private int pauses;

  Backoff(Duration first, Duration longest) {
    this.first = first;
    this.longest = longest;
  }

  /** The next pause, longer than the one before. */
  Duration next() {
    long doubled = first.toNanos() << Math.min(pauses++, 20);
    long nanos = Math.min(doubled, longest.toNanos());
    // A generator that is kept would be in a snapshot, and every environment restored from it would
    // draw the same numbers.
    return Duration.ofNanos(nanos - (long) (nanos * new SecureRandom().nextDouble() / 2));
  }

  void reset() {
    pauses = 0;
  }
}
