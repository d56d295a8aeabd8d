package io.keyturn.local.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.local.LocalStack;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Logs in with AWSCURRENT of each secret again and again while rotations run: with alternating
 * users it must work at every instant.
 */
final class CurrentLoginWatch implements AutoCloseable {
  /**
   * Often enough to fall into every step of a rotation, and seldom enough to leave the machine to
   * the queries.
   */
  private static final long PAUSE_MILLIS = 25;

  private final LocalStack stack;
  private final QueryTally logins = new QueryTally();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "current-login");

  private CurrentLoginWatch(LocalStack stack) {
    this.stack = stack;
  }

  static CurrentLoginWatch start(LocalStack stack) {
    CurrentLoginWatch watch = new CurrentLoginWatch(stack);
    watch.thread.setDaemon(true);
    watch.thread.start();
    return watch;
  }

  /** How many logins were tried since the last call, and what was refused. */
  QueryTally.Count take() {
    return logins.take();
  }

  private void run() {
    try {
      do {
        stack.secretArns().forEach(this::logIn);
      } while (!stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void logIn(String secretArn) {
    long begin = System.nanoTime();
    JsonNode secret = PasswordCheck.secret(stack, secretArn, "AWSCURRENT");
    String user = secret.get("username").textValue();
    String problem = null;
    try {
      if (!stack.postgres().logsIn(user, secret.get("password").textValue())) {
        problem = "AWSCURRENT did not log in as " + user;
      }
    } catch (SQLException e) {
      problem = "AWSCURRENT could not be tried: " + e.getMessage();
    }
    logins.count(Duration.ofNanos(System.nanoTime() - begin), problem);
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
