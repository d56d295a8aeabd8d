package io.keyturn.rotator.role;

import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.Pause;
import io.keyturn.rotator.invocation.Invocation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Predicate;

/** Tries a login again for a while, where a later one may succeed. */
public final class Patience {
  private static final Duration POLL = Duration.ofMillis(250);

  /** Kept free, so that the error gives the reason for the wait and not only that time is up. */
  private static final Duration LAST_LOGIN = Duration.ofSeconds(1);

  private Patience() {}

  /** One attempt. */
  public interface Login {
    Session open() throws SQLException;
  }

  /**
   * Opens a session.
   *
   * @param wait how long to try at most; less where the function has less time
   * @param mayPass whether what an attempt failed with may be over a moment later
   */
  public static Session open(
      Invocation invocation, Duration wait, Predicate<SQLException> mayPass, Login login)
      throws SQLException {
    Deadline end =
        Deadline.in(invocation.deadline().atMost(wait.plus(LAST_LOGIN)).minus(LAST_LOGIN));
    SQLException before = null;
    while (true) {
      try {
        return login.open();
      } catch (SQLException e) {
        if (!mayPass.test(e)) {
          if (before != null) {
            e.addSuppressed(before);
          }
          throw e;
        }
        if (before == null) {
          invocation.debug("trying again, since: " + e.getMessage());
        }
        before = e;
        Pause.of(end, POLL, e);
      }
    }
  }
}
