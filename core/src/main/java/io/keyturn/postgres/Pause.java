package io.keyturn.postgres;

import java.sql.SQLException;
import java.time.Duration;

/** The wait between two attempts. */
public final class Pause {
  private Pause() {}

  /**
   * Waits, unless the wait would end after the deadline.
   *
   * @param failure of the last attempt; thrown if there is no time for another one
   */
  public static void of(Deadline deadline, Duration pause, SQLException failure)
      throws SQLException {
    if (deadline.remaining().compareTo(pause) <= 0) {
      throw failure;
    }
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }
}
