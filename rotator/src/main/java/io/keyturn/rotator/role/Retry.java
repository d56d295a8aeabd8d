package io.keyturn.rotator.role;

import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.Pause;
import io.keyturn.rotator.invocation.Invocation;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/** Tries again what the server refused, where a later attempt may succeed. */
public final class Retry {
  /** Kept free, so that the error gives the reason for the wait and not only that time is up. */
  private static final Duration LAST_LOGIN = Duration.ofSeconds(1);

  private static final Duration LOGIN_PAUSE = Duration.ofMillis(250);

  private static final int CHANGE_ATTEMPTS = 6;
  private static final Duration CHANGE_PAUSE = Duration.ofMillis(50);

  /**
   * internal_error, as which PostgreSQL reports "tuple concurrently updated"; serialization_failure
   * and deadlock_detected; unique_violation and duplicate_object, where two create the same role.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final Set<String> CONCURRENT = Set.of("XX000", "40001", "40P01", "23505", "42710");

  private final Invocation invocation;
  private final Deadline end;
  private final int attempts;
  private final IntFunction<Duration> pauseAfter;
  private final Predicate<SQLException> mayPass;

  private Retry(
      Invocation invocation,
      Deadline end,
      int attempts,
      IntFunction<Duration> pauseAfter,
      Predicate<SQLException> mayPass) {
    this.invocation = invocation;
    this.end = end;
    this.attempts = attempts;
    this.pauseAfter = pauseAfter;
    this.mayPass = mayPass;
  }

  /**
   * Retries a login.
   *
   * @param wait how long to try at most; less where the function has less time
   * @param mayPass whether a later attempt may succeed after this failure
   */
  public static Retry login(Invocation invocation, Duration wait, Predicate<SQLException> mayPass) {
    return new Retry(
        invocation,
        Deadline.in(invocation.deadline().atMost(wait.plus(LAST_LOGIN)).minus(LAST_LOGIN)),
        Integer.MAX_VALUE,
        attempt -> LOGIN_PAUSE,
        mayPass);
  }

  /**
   * Retries a change of roles that PostgreSQL refused because another session changed the same rows
   * of the catalog at that moment. A change must have no effect where it fails.
   */
  public static Retry change(Invocation invocation) {
    return new Retry(
        invocation,
        invocation.deadline(),
        CHANGE_ATTEMPTS,
        // Two sessions that disturbed each other must not try again at the same pace.
        attempt ->
            CHANGE_PAUSE.multipliedBy(ThreadLocalRandom.current().nextInt(1, 2 * attempt + 1)),
        e -> CONCURRENT.contains(String.valueOf(e.getSQLState())));
  }

  /** Retries without a pause. */
  static Retry atOnce(Invocation invocation, int attempts, Predicate<SQLException> mayPass) {
    return new Retry(
        invocation, invocation.deadline(), attempts, attempt -> Duration.ZERO, mayPass);
  }

  /** One attempt. */
  @FunctionalInterface
  public interface Attempt<T> {
    T run() throws SQLException;
  }

  /**
   * Runs attempts until one succeeds.
   *
   * @throws SQLException of the last attempt, with that of the first one suppressed
   */
  public <T> T run(Attempt<T> work) throws SQLException {
    SQLException first = null;
    for (int attempt = 1; ; attempt++) {
      try {
        return work.run();
      } catch (SQLException e) {
        if (first != null) {
          e.addSuppressed(first);
        }
        if (attempt == attempts || !mayPass.test(e)) {
          throw e;
        }
        if (first == null) {
          first = e;
          invocation.debug("trying again after: " + e.getMessage());
        }
        Pause.of(end, pauseAfter.apply(attempt), e);
      }
    }
  }
}
