package io.keyturn.postgres;

import java.time.Duration;

/** The instant by which a function must have its answer ready, and the waits that still fit. */
public final class Deadline {
  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /** A deadline this far from now. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** What is left; zero once the deadline has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /**
   * The longest that one wait may take.
   *
   * @param limit what it may take where there is time enough
   * @return at least a millisecond, since most clients take 0 for no limit at all
   * @throws OutOfTimeException if nothing is left
   */
  public Duration atMost(Duration limit) {
    Duration remaining = remaining();
    if (remaining.toMillis() == 0) {
      throw new OutOfTimeException();
    }
    return remaining.compareTo(limit) < 0 ? remaining : limit;
  }
}
