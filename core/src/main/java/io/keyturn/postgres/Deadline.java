package io.keyturn.postgres;

import java.time.Duration;

/** The instant by which a function must have its answer ready. */
public final class Deadline {
  private final long nanos;

  private Deadline(long nanos) {
    this.nanos = nanos;
  }

  /** Returns a deadline this far from now. */
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  /** Returns the time that is left; zero once the deadline has passed. */
  public Duration remaining() {
    return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /**
   * Returns how long one wait may take.
   *
   * @param limit its length if there is enough time
   * @return at least a millisecond, because most clients read 0 as no limit
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
