package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.postgres.Deadline;
import java.time.Duration;

/**
 * How long a request may take in all.
 *
 * <p>The server's statement_timeout begins anew with each execution of a batch, and each time that
 * rows are fetched.
 */
final class TimeLimit {
  private final Duration limit;
  private final Deadline deadline;

  private TimeLimit(Duration limit) {
    this.limit = limit;
    deadline = Deadline.in(limit);
  }

  /** A limit that begins now. */
  static TimeLimit of(Duration limit) {
    return new TimeLimit(limit);
  }

  /**
   * @param done what was done until now, for the message
   */
  void requireTimeLeft(int done, String what) {
    if (deadline.remaining().isZero()) {
      throw new StatementTimeoutException(
          "Only "
              + done
              + " "
              + what
              + " were done in time; the limit is "
              + limit.toSeconds()
              + " s (STATEMENT_TIMEOUT_SECONDS)",
          null);
    }
  }
}
