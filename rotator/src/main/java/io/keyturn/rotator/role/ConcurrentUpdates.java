package io.keyturn.rotator.role;

import io.keyturn.postgres.Pause;
import io.keyturn.rotator.invocation.Invocation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Runs a change of roles again where PostgreSQL gave it up because somebody else changed the same
 * rows of the catalog at that moment.
 */
public final class ConcurrentUpdates {
  private static final int ATTEMPTS = 6;
  private static final Duration PAUSE = Duration.ofMillis(50);

  /**
   * internal_error, which is how "tuple concurrently updated" is told; serialization_failure and
   * deadlock_detected; unique_violation and duplicate_object, where two create the same role.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final Set<String> CONCURRENT = Set.of("XX000", "40001", "40P01", "23505", "42710");

  private ConcurrentUpdates() {}

  /**
   * Runs a change until it is not disturbed, six times at most.
   *
   * @param change must have no effect where it fails
   */
  public static void retry(Invocation invocation, Session.Work change) throws SQLException {
    SQLException first = null;
    for (int attempt = 1; ; attempt++) {
      try {
        change.run();
        return;
      } catch (SQLException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
        if (attempt == ATTEMPTS || !CONCURRENT.contains(String.valueOf(e.getSQLState()))) {
          throw first;
        }
        invocation.debug("somebody else changed the same roles, trying again: " + e.getMessage());
        Pause.of(
            invocation.deadline(),
            // Two that disturb each other must not do so again at the same pace.
            PAUSE.multipliedBy(ThreadLocalRandom.current().nextInt(1, 2 * attempt + 1)),
            first);
      }
    }
  }
}
