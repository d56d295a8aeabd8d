package io.keyturn.local.rehearsal;

import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Has the schedule rotate each secret a number of times while queries run without pause, and checks
 * after each rotation which passwords log in.
 */
public final class Rehearsal {
  /** Added to the schedule's time, because a busy machine takes long to start a JVM. */
  private static final Duration GRACE = Duration.ofSeconds(60);

  private static final Pattern SECRET_NAME = Pattern.compile(".*:secret:(.*)-[A-Za-z0-9]{6}");

  private final LocalStack stack;
  private final int rotations;
  private final Duration every;
  private final Progress progress;
  private final QueryTally tally = new QueryTally();
  private final Timeline timeline = new Timeline();
  private final QueryTally currentLogins = new QueryTally();
  private final List<RotationRow> rows = new ArrayList<>();
  private final CountDownLatch left;
  private final Map<String, PasswordCheck> passwords = new HashMap<>();

  /**
   * @param rotations of each secret
   * @param every real time from one scheduled rotation to the next
   */
  public Rehearsal(LocalStack stack, int rotations, Duration every, Progress progress) {
    this.stack = stack;
    this.rotations = rotations;
    this.every = every;
    this.progress = progress;
    left = new CountDownLatch(rotations * stack.secretArns().size());
  }

  /** Runs the rehearsal. Returns when the last rotation has ended, or at the time limit. */
  public RehearsalReport run() throws InterruptedException {
    List<String> problems = new ArrayList<>();
    stack.secretArns().forEach(arn -> passwords.put(arn, new PasswordCheck(stack, arn)));
    stack.secretsManager().addRotationListener(new Watch());
    stack.secretArns().forEach(this::becameCurrent);
    QueryLoad.warmUp(stack.lambda(), stack.queryFunction());
    try (Repeated logins = alternates() ? CurrentLoginWatch.start(stack, currentLogins) : null;
        Repeated queries =
            QueryLoad.start(stack.lambda(), stack.queryFunction(), tally, timeline)) {
      progress.say("Queries run through " + stack.queryFunction() + ", each on a new connection");
      stack.turnOnRotation();
      progress.say("Rotation is on: " + stack.schedule() + ", which is every " + seconds(every));
      Duration limit = every.multipliedBy(rotations + 1L).plus(GRACE);
      if (!left.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        problems.add(
            "Only %s rotations finished within %s; run it again with --verbose to see the functions' logs"
                .formatted(rows().size(), seconds(limit)));
      }
    }
    return new RehearsalReport(
        stack.postgresVersion(),
        stack.strategy().toString(),
        stack.schedule(),
        rotations * stack.secretArns().size(),
        rows(),
        problems);
  }

  /** What happened when. */
  public Timeline timeline() {
    return timeline;
  }

  private void becameCurrent(String secretArn) {
    timeline.current(
        name(secretArn),
        stack.client().getSecretValue(r -> r.secretId(secretArn)).versionId(),
        PasswordCheck.secret(stack, secretArn, "AWSCURRENT").get("username").textValue());
  }

  private static String name(String secretArn) {
    return SECRET_NAME.matcher(secretArn).replaceAll("$1");
  }

  private synchronized List<RotationRow> rows() {
    return List.copyOf(rows);
  }

  /**
   * Called on the rotation's own thread, so the secret's next one does not begin before the checks
   * are done.
   */
  private final class Watch implements RotationListener {
    @Override
    public void stepFinished(RotationStepReport step) {
      timeline.step(name(step.secretArn()), step.step(), step.took(), step.error().orElse(null));
    }

    @Override
    public void rotationFinished(RotationReport rotation) {
      if (left.getCount() == 0) {
        return;
      }
      List<String> problems = new ArrayList<>();
      rotation.steps().stream()
          .filter(step -> step.error().isPresent())
          .forEach(step -> problems.add(step.step() + ": " + step.error().get()));
      if (rotation.succeeded()) {
        becameCurrent(rotation.secretArn());
        problems.addAll(passwords.get(rotation.secretArn()).afterRotation());
      } else {
        problems.add("gave up after " + rotation.attempts() + " attempts");
      }
      QueryTally.Count queries = tally.take();
      problems.addAll(queries.failures());
      problems.addAll(currentLogins.take().failures());
      add(rotation, problems, queries);
      left.countDown();
    }
  }

  private void add(RotationReport rotation, List<String> problems, QueryTally.Count queries) {
    RotationRow row;
    synchronized (this) {
      row =
          new RotationRow(
              rows.size() + 1,
              name(rotation.secretArn()),
              rotation.versionId(),
              rotation.attempts(),
              stepMillis(rotation.steps()),
              List.copyOf(problems),
              queries.answered(),
              queries.failed(),
              queries.slowest().toMillis());
      rows.add(row);
    }
    progress.rotated(row);
  }

  /**
   * With a single user, AWSCURRENT is the old password from setSecret to finishSecret, and refused.
   */
  private boolean alternates() {
    return stack.strategy() == Strategy.ALTERNATING;
  }

  private static Map<String, Long> stepMillis(List<RotationStepReport> steps) {
    Map<String, Long> millis = new LinkedHashMap<>();
    steps.forEach(step -> millis.put(step.step(), step.took().toMillis()));
    return millis;
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
