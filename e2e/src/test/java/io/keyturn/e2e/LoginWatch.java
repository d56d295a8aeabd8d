package io.keyturn.e2e;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks again and again, while rotations are disturbed, whether a secret's logins are as promised.
 */
final class LoginWatch implements AutoCloseable {
  /** Leaves the machine to the rotations: what it lets pass, the checks after each kill see. */
  private static final long PAUSE_MILLIS = 50;

  private final SecretLogins logins;
  private final List<String> problems = new ArrayList<>();
  private int answered;
  private int unanswered;
  private String reason = "";
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "login-watch");

  private LoginWatch(SecretLogins logins) {
    this.logins = logins;
  }

  static LoginWatch start(SecretLogins logins) {
    LoginWatch watch = new LoginWatch(logins);
    watch.thread.setDaemon(true);
    watch.thread.start();
    return watch;
  }

  /** How often the server said whom it lets in. */
  synchronized int answered() {
    return answered;
  }

  /** How often it could not be asked, and the last reason. */
  synchronized String unanswered() {
    return unanswered == 0 ? "" : unanswered + " times, at last: " + reason;
  }

  synchronized List<String> problems() {
    return List.copyOf(problems);
  }

  private void run() {
    try {
      do {
        look();
      } while (!stopped.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      Optional<String> problem = logins.problem();
      synchronized (this) {
        answered++;
        problem.ifPresent(problems::add);
      }
    } catch (SQLException e) {
      synchronized (this) {
        unanswered++;
        reason = e.getMessage();
      }
    } catch (RuntimeException e) {
      synchronized (this) {
        problems.add("The watch itself failed: " + e);
      }
      stopped.countDown();
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopped.countDown();
    thread.join();
  }
}
