package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.OutOfTimeException;
import java.sql.SQLException;
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

  /** When it is over. */
  Deadline deadline() {
    return deadline;
  }

  /**
   * @param done what was done until now, for the message
   */
  void requireTimeLeft(int done, String what) {
    if (deadline.remaining().isZero()) {
      throw new StatementTimeoutException(
          "Only %d %s were done in time; %s".formatted(done, what, text()), null);
    }
  }

  /**
   * The error for a request that was ended.
   *
   * @param failure what the server said of it, or null
   */
  StatementTimeoutException isUp(SQLException failure) {
    return new StatementTimeoutException(
        "The request was cancelled, since it took too long; %s%s"
            .formatted(text(), failure == null ? "" : ": " + failure.getMessage()),
        failure);
  }

  private String text() {
    return "the limit is %s s (STATEMENT_TIMEOUT_SECONDS, or what is left of the function's own time)"
        .formatted(limit.toMillis() / 1000.0);
  }
}
