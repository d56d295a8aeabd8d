package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.FUNCTION;
import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.support.LocalClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;

@Timeout(10)
class RotateSecretTest {
  private static final List<String> STEPS =
      List.of("createSecret", "setSecret", "testSecret", "finishSecret");
  private static final String UNFINISHED =
      "A previous rotation isn't complete. That rotation will be reattempted.";

  private final Fixture fixture = new Fixture();
  private String first;

  @BeforeEach
  void createSecret() {
    first = fixture.create("db", "one");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private String rotate() {
    return fixture
        .client
        .rotateSecret(
            r ->
                r.secretId("db")
                    .rotationLambdaARN(FUNCTION)
                    .rotationRules(rules -> rules.automaticallyAfterDays(30L)))
        .versionId();
  }

  private RotationReport finished() {
    await().until(() -> !fixture.rotations.isEmpty());
    return fixture.rotations.remove();
  }

  private DescribeSecretResponse describe() {
    return fixture.client.describeSecret(r -> r.secretId("db"));
  }

  @Test
  void aRotationCallsTheFourStepsInOrder() {
    String token = rotate();

    RotationReport report = finished();

    assertThat(fixture.function.steps()).isEqualTo(STEPS);
    assertThat(fixture.function.calls())
        .allSatisfy(
            call -> {
              assertThat(call.secretId()).isEqualTo(describe().arn());
              assertThat(call.versionId()).isEqualTo(token);
              assertThat(call.rotationToken()).hasSize(36);
            });
    assertThat(report.succeeded()).isTrue();
    assertThat(report.attempts()).isEqualTo(1);
    assertThat(report.versionId()).isEqualTo(token);
    assertThat(report.steps()).extracting(RotationStepReport::step).isEqualTo(STEPS);
    assertThat(fixture.value("db")).isEqualTo("made for " + token);
    assertThat(fixture.value("db", "AWSPREVIOUS")).isEqualTo("one");
    assertThat(fixture.manager.isRotating("db")).isFalse();
  }

  @Test
  void aSuccessfulRotationSetsTheDates() {
    assertThat(describe().rotationEnabled()).isNull();
    rotate();
    finished();

    DescribeSecretResponse secret = describe();

    assertThat(secret.rotationEnabled()).isTrue();
    assertThat(secret.rotationLambdaARN()).isEqualTo(FUNCTION);
    assertThat(secret.rotationRules().automaticallyAfterDays()).isEqualTo(30);
    assertThat(secret.lastRotatedDate()).isNotNull();
    assertThat(Duration.between(secret.lastRotatedDate(), secret.nextRotationDate()))
        .isBetween(Duration.ofDays(30), Duration.ofDays(31));
    // The window's day is the one that is shown.
    assertThat(secret.nextRotationDate().toString()).endsWith("T23:59:59Z");
    assertThat(secret.lastChangedDate()).isBeforeOrEqualTo(secret.lastRotatedDate());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {"rate(10 days) | 10", "cron(0 0 ? * 2 *) | 7", "rate(4 hours) | -"})
  void theDaysOfAnExpressionAreCalculatedWithASuccess(String expression, Long days) {
    fixture.client.rotateSecret(
        r ->
            r.secretId("db")
                .rotationLambdaARN(FUNCTION)
                .rotationRules(rules -> rules.scheduleExpression(expression)));
    finished();

    assertThat(describe().rotationRules().scheduleExpression()).isEqualTo(expression);
    assertThat(describe().rotationRules().automaticallyAfterDays()).isEqualTo(days);
  }

  @Test
  void thePendingVersionIsThereBeforeTheAnswerButItsValueIsNot() throws Exception {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    fixture.function.behave(
        call -> {
          awaitLatch(mayGoOn);
          return fixture.function.rotate(call);
        });

    String token = rotate();

    assertThat(fixture.labels("db").get(token)).containsExactly("AWSPENDING");
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for VersionId: " + token,
        () ->
            fixture.client.getSecretValue(
                r -> r.secretId("db").versionId(token).versionStage("AWSPENDING")));
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
        () -> fixture.value("db", "AWSPENDING"));
    assertThat(fixture.manager.isRotating("db")).isTrue();
    mayGoOn.countDown();
    assertThat(finished().succeeded()).isTrue();
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailedStepRepeatsTheWholeRotationWithTheSameToken() {
    AtomicBoolean failed = new AtomicBoolean();
    fixture.function.behave(
        call ->
            call.step().equals("testSecret") && failed.compareAndSet(false, true)
                ? Optional.of("no such user")
                : fixture.function.rotate(call));

    String token = rotate();
    RotationReport report = finished();

    assertThat(fixture.function.steps())
        .containsExactly(
            "createSecret",
            "setSecret",
            "testSecret",
            "createSecret",
            "setSecret",
            "testSecret",
            "finishSecret");
    assertThat(fixture.function.calls())
        .extracting(TestFunction.Call::versionId)
        .containsOnly(token);
    assertThat(report.succeeded()).isTrue();
    assertThat(report.attempts()).isEqualTo(2);
    assertThat(fixture.steps)
        .filteredOn(step -> step.error().isPresent())
        .singleElement()
        .satisfies(
            step -> {
              assertThat(step.step()).isEqualTo("testSecret");
              assertThat(step.attempt()).isEqualTo(1);
              assertThat(step.error()).contains("no such user");
            });
  }

  @Test
  void aRotationThatKeepsFailingIsGivenUpAndItsVersionStaysPending() {
    fixture.function.behave(call -> Optional.of("broken"));

    String token = rotate();
    RotationReport report = finished();

    assertThat(report.succeeded()).isFalse();
    assertThat(report.attempts()).isEqualTo(3);
    assertThat(report.steps()).hasSize(1);
    assertThat(fixture.labels("db").get(token)).containsExactly("AWSPENDING");
    assertThat(fixture.labels("db").get(first)).containsExactly("AWSCURRENT");
    assertThat(describe().lastRotatedDate()).isNull();
  }

  @Test
  void rotatingAgainAfterAFailureIsRefusedAndRepeatsTheOldRotation() {
    fixture.function.behave(call -> Optional.of("broken"));
    String token = rotate();
    finished();
    fixture.function.behave(fixture.function::rotate);

    assertError("InvalidRequestException", UNFINISHED, this::rotate);

    RotationReport report = finished();
    assertThat(report.succeeded()).isTrue();
    assertThat(report.versionId()).isEqualTo(token);
    assertThat(fixture.labels("db").get(token)).contains("AWSCURRENT");
  }

  @Test
  void aRefusedRotationSavesNoConfiguration() {
    fixture.function.behave(call -> Optional.of("broken"));
    rotate();
    finished();

    assertError(
        "InvalidRequestException",
        UNFINISHED,
        () ->
            fixture.client.rotateSecret(
                r -> r.secretId("db").rotationRules(x -> x.automaticallyAfterDays(7L))));

    assertThat(describe().rotationRules().automaticallyAfterDays()).isEqualTo(30);
  }

  @Test
  void rotatingAgainWhileARotationWaitsRepeatsItAtOnce() {
    try (Fixture slow =
        new Fixture(LocalClock.realTime(), new RotationRetries(5, Duration.ofHours(1)))) {
      slow.create("db", "one");
      slow.function.behave(call -> Optional.of("broken"));
      slow.client.rotateSecret(r -> r.secretId("db").rotationLambdaARN(FUNCTION));
      await().until(() -> slow.steps.size() == 1);
      slow.function.behave(slow.function::rotate);

      assertError(
          "InvalidRequestException",
          UNFINISHED,
          () -> slow.client.rotateSecret(r -> r.secretId("db")));

      await().until(() -> !slow.rotations.isEmpty());
      assertThat(slow.rotations.remove().succeeded()).isTrue();
    }
  }

  @Test
  void aFunctionThatSucceedsWithoutMovingTheLabelHasFailed() {
    fixture.function.behave(
        call ->
            call.step().equals("finishSecret") ? Optional.empty() : fixture.function.rotate(call));

    String token = rotate();
    RotationReport report = finished();

    assertThat(report.succeeded()).isFalse();
    assertThat(report.attempts()).isEqualTo(3);
    assertThat(report.steps().get(3).error())
        .contains(
            "finishSecret succeeded, but AWSCURRENT is not on version "
                + token
                + "; the function must move it there");
    assertThat(describe().lastRotatedDate()).isNull();
  }

  @Test
  void pendingOnTheCurrentVersionDoesNotKeepTheNextRotation() {
    String token = rotate();
    finished();
    assertThat(fixture.labels("db").get(token))
        .containsExactlyInAnyOrder("AWSPENDING", "AWSCURRENT");

    String next = rotate();

    assertThat(finished().succeeded()).isTrue();
    assertThat(fixture.labels("db").get(next))
        .containsExactlyInAnyOrder("AWSPENDING", "AWSCURRENT");
    assertThat(fixture.labels("db").get(token)).containsExactly("AWSPREVIOUS");
  }

  @Test
  void theSameTokenAgainGetsTheSameAnswerAndNoSecondRotation() {
    String token = token();
    for (int i = 0; i < 2; i++) {
      assertThat(
              fixture
                  .client
                  .rotateSecret(
                      r -> r.secretId("db").rotationLambdaARN(FUNCTION).clientRequestToken(token))
                  .versionId())
          .isEqualTo(token);
    }
    finished();

    assertThat(fixture.function.steps()).isEqualTo(STEPS);
  }

  @Test
  void leftOutConfigurationKeepsTheStoredOne() {
    rotate();
    finished();

    fixture.client.rotateSecret(r -> r.secretId("db"));
    finished();

    assertThat(describe().rotationLambdaARN()).isEqualTo(FUNCTION);
    assertThat(describe().rotationRules().automaticallyAfterDays()).isEqualTo(30);
  }

  @Test
  void withoutAFunctionNothingRotates() {
    assertError(
        "InvalidRequestException",
        "No Lambda rotation function ARN is associated with this secret.",
        () -> fixture.client.rotateSecret(r -> r.secretId("db")));
  }

  @Test
  void aFunctionThatCannotBeInvokedIsNotSaved() {
    assertError(
        "AccessDeniedException",
        "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function"
            + " policy grants access to the principal secretsmanager.amazonaws.com.",
        () -> fixture.client.rotateSecret(r -> r.secretId("db").rotationLambdaARN("arn:none")));

    assertThat(describe().rotationEnabled()).isNull();
    assertThat(describe().rotationLambdaARN()).isNull();
  }

  @Test
  void aRawRequestWithoutATokenIsRefusedEvenWhereThereIsNoSecret() {
    assertThat(fixture.send("secretsmanager.RotateSecret", "{\"SecretId\":\"none\"}").body())
        .isEqualTo(
            "{\"__type\":\"InvalidParameterException\",\"Message\":\"You must provide a"
                + " ClientRequestToken value. We recommend a UUID-type value.\"}");
  }

  @Test
  void notImmediatelyTestsTheCurrentValueAndLeavesNothingBehind() {
    AtomicInteger tested = new AtomicInteger();
    fixture.function.behave(
        call -> {
          assertThat(fixture.value("db", "AWSPENDING")).isEqualTo("one");
          tested.incrementAndGet();
          return Optional.empty();
        });

    String token =
        fixture
            .client
            .rotateSecret(
                r ->
                    r.secretId("db")
                        .rotationLambdaARN(FUNCTION)
                        .rotateImmediately(false)
                        .rotationRules(x -> x.scheduleExpression("rate(10 days)")))
            .versionId();

    await().until(() -> !fixture.manager.isRotating("db"));
    assertThat(fixture.function.steps()).containsExactly("testSecret");
    assertThat(fixture.function.calls().get(0).versionId()).isEqualTo(token);
    assertThat(tested).hasValue(1);
    assertThat(fixture.labels("db")).containsOnlyKeys(first);
    assertThat(fixture.rotations).isEmpty();
    assertThat(describe().rotationEnabled()).isTrue();
    assertThat(describe().lastRotatedDate()).isNull();
    assertThat(describe().nextRotationDate()).isNotNull();
  }

  @Test
  void aFailedTestIsReportedAndNotRepeated() {
    fixture.function.behave(call -> Optional.of("no connection"));

    fixture.client.rotateSecret(
        r -> r.secretId("db").rotationLambdaARN(FUNCTION).rotateImmediately(false));

    await().until(() -> !fixture.steps.isEmpty() && !fixture.manager.isRotating("db"));
    assertThat(fixture.steps)
        .singleElement()
        .satisfies(step -> assertThat(step.error()).contains("no connection"));
    assertThat(fixture.labels("db")).containsOnlyKeys(first);
  }

  @Test
  void cancelTurnsRotationOffAndKeepsLabelsAndConfiguration() {
    fixture.function.behave(call -> Optional.of("broken"));
    String token = rotate();
    finished();

    assertThat(fixture.client.cancelRotateSecret(r -> r.secretId("db")).versionId())
        .isEqualTo(token);

    assertThat(describe().rotationEnabled()).isFalse();
    assertThat(describe().rotationLambdaARN()).isEqualTo(FUNCTION);
    assertThat(describe().rotationRules().automaticallyAfterDays()).isEqualTo(30);
    assertThat(describe().nextRotationDate()).isNull();
    assertThat(fixture.labels("db").get(token)).containsExactly("AWSPENDING");
  }

  @Test
  void cancelBeginsNoFurtherAttempt() {
    try (Fixture slow =
        new Fixture(LocalClock.realTime(), new RotationRetries(5, Duration.ofHours(1)))) {
      slow.create("db", "one");
      slow.function.behave(call -> Optional.of("broken"));
      slow.client.rotateSecret(r -> r.secretId("db").rotationLambdaARN(FUNCTION));
      await().until(() -> slow.steps.size() == 1);

      slow.client.cancelRotateSecret(r -> r.secretId("db"));

      await().until(() -> !slow.rotations.isEmpty());
      RotationReport report = slow.rotations.remove();
      assertThat(report.succeeded()).isFalse();
      assertThat(report.attempts()).isEqualTo(1);
      assertThat(report.steps()).hasSize(1);
      assertThat(slow.manager.isRotating("db")).isFalse();
    }
  }

  @Test
  void cancelOfASecretThatWasNeverConfiguredLeavesItSo() {
    assertThat(fixture.client.cancelRotateSecret(r -> r.secretId("db")).versionId()).isNull();
    assertThat(describe().rotationEnabled()).isNull();
  }

  @Test
  void aPendingVersionThatWasCleanedUpIsNotRotatedTo() {
    fixture.function.behave(call -> Optional.of("broken"));
    String old = rotate();
    finished();
    fixture.client.updateSecretVersionStage(
        r -> r.secretId("db").versionStage("AWSPENDING").removeFromVersionId(old));
    fixture.function.behave(fixture.function::rotate);

    String token = rotate();

    assertThat(finished().versionId()).isEqualTo(token);
    assertThat(fixture.labels("db")).containsOnlyKeys(first, token);
  }

  @Test
  void aRotationAskedForWhileTheLastOneEndsFollowsIt() {
    Semaphore mayEnd = new Semaphore(0);
    fixture.function.behave(
        call -> {
          Optional<String> error = fixture.function.rotate(call);
          if (call.step().equals("finishSecret")) {
            mayEnd.acquireUninterruptibly();
          }
          return error;
        });
    String one = rotate();
    await().until(() -> fixture.labels("db").get(one).contains("AWSCURRENT"));

    String two = rotate();
    mayEnd.release(2);

    await().until(() -> fixture.rotations.size() == 2);
    assertThat(fixture.rotations)
        .extracting(RotationReport::versionId, RotationReport::succeeded)
        .containsExactly(tuple(one, true), tuple(two, true));
    assertThat(fixture.function.steps()).hasSize(8);
  }

  @Test
  void differentSecretsRotateAtTheSameTime() {
    fixture.create("other", "two");
    CountDownLatch both = new CountDownLatch(2);
    fixture.function.behave(
        call -> {
          if (call.step().equals("createSecret")) {
            both.countDown();
            awaitLatch(both);
          }
          return fixture.function.rotate(call);
        });

    rotate();
    fixture.client.rotateSecret(r -> r.secretId("other").rotationLambdaARN(FUNCTION));

    await().until(() -> fixture.rotations.size() == 2);
    assertThat(fixture.rotations).allMatch(RotationReport::succeeded);
  }

  @Test
  void aSecretWithoutAValueCanBeRotated() {
    fixture.client.createSecret(r -> r.name("empty"));
    fixture.function.behave(call -> Optional.of("there is no AWSCURRENT"));

    String token =
        fixture
            .client
            .rotateSecret(r -> r.secretId("empty").rotationLambdaARN(FUNCTION))
            .versionId();

    assertThat(finished().succeeded()).isFalse();
    assertThat(fixture.labels("empty")).containsOnlyKeys(token);
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void anInvokerThatThrowsIsAFailedStep() {
    fixture.function.behave(
        call -> {
          throw new IllegalStateException("no such environment");
        });

    try (CapturedErrors errors = new CapturedErrors()) {
      rotate();

      assertThat(finished().steps().get(0).error())
          .contains(
              "The function could not be invoked: java.lang.IllegalStateException: no such"
                  + " environment");
      assertThat(errors.text()).contains("could not be invoked for createSecret", "\tat ");
    }
  }

  @Test
  @ResourceLock(Resources.SYSTEM_ERR)
  void aListenerThatThrowsKeepsNobodyElse() {
    fixture.manager.addRotationListener(
        new RotationListener() {
          @Override
          public void stepFinished(RotationStepReport report) {
            throw new IllegalStateException("not interested");
          }
        });
    AtomicInteger heard = new AtomicInteger();
    fixture.manager.addRotationListener(RotationListener.ofEnds(report -> heard.incrementAndGet()));

    try (CapturedErrors errors = new CapturedErrors()) {
      rotate();

      await().until(() -> heard.get() == 1);
      assertThat(errors.text()).contains("a RotationListener failed", "not interested");
    }
    assertThat(finished().succeeded()).isTrue();
  }
}
