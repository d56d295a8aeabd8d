package io.keyturn.local.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.local.stack.LocalStack;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Logs in with AWSCURRENT of each secret repeatedly while rotations run. With alternating users,
 * every login must succeed.
 */
final class CurrentLoginWatch {
  /** Several logins fall into each step, and the queries still get most of the processor. */
  private static final Duration PAUSE = Duration.ofMillis(25);

  private final LocalStack stack;
  private final QueryTally logins;

  private CurrentLoginWatch(LocalStack stack, QueryTally logins) {
    this.stack = stack;
    this.logins = logins;
  }

  static Repeated start(LocalStack stack, QueryTally logins) {
    CurrentLoginWatch watch = new CurrentLoginWatch(stack, logins);
    return Repeated.start("current-login", PAUSE, () -> stack.secretArns().forEach(watch::logIn));
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
}
