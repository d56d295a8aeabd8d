package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.OutOfTimeException;
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

  /**
   * A limit that begins now.
   *
   * @param deadline of the function: with less time left than the limit, that counts
   */
  static TimeLimit of(Duration limit, Deadline deadline) {
    try {
      return new TimeLimit(deadline.atMost(limit));
    } catch (OutOfTimeException e) {
      throw new StatementTimeoutException(e.getMessage(), e);
    }
  }

  /** What a single statement may take. */
  Duration limit() {
    return limit;
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
              + limit.toMillis() / 1000.0
              + " s (STATEMENT_TIMEOUT_SECONDS, or what is left of the function's own time)",
          null);
    }
  }
}
