package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.FUNCTION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.support.LocalClock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.RotationRulesType;

@Timeout(20)
class ScheduledRotationTest {
  /** A day takes a twentieth of a second. */
  private final LocalClock clock = LocalClock.passing(Duration.ofDays(1), Duration.ofMillis(50));

  private final Fixture fixture = new Fixture(clock, new RotationRetries(2, Duration.ofMillis(1)));

  @BeforeEach
  void createSecret() {
    fixture.create("db", "one");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void schedule(Consumer<RotationRulesType.Builder> rules) {
    fixture.client.rotateSecret(
        r ->
            r.secretId("db")
                .rotationLambdaARN(FUNCTION)
                .rotateImmediately(false)
                .rotationRules(rules));
  }

  private DescribeSecretResponse describe() {
    return fixture.client.describeSecret(r -> r.secretId("db"));
  }

  private void awaitRotations(int count) {
    await().atMost(Duration.ofSeconds(15)).until(() -> fixture.rotations.size() >= count);
  }

  private List<String> versions() {
    return fixture.rotations.stream().map(RotationReport::versionId).toList();
  }

  @Test
  void aRateRotatesAgainAndAgain() {
    schedule(r -> r.scheduleExpression("rate(1 day)"));

    awaitRotations(3);

    assertThat(fixture.rotations).allMatch(RotationReport::succeeded);
    assertThat(versions()).doesNotHaveDuplicates();
    assertThat(fixture.value("db")).startsWith("made for ");
  }

  @Test
  void aCronExpressionRotatesAgainAndAgain() {
    schedule(r -> r.scheduleExpression("cron(0 /12 * * ? *)"));

    awaitRotations(3);

    assertThat(fixture.rotations).allMatch(RotationReport::succeeded);
  }

  @Test
  void daysRotateAgainAndAgain() {
    schedule(r -> r.automaticallyAfterDays(1L));

    awaitRotations(3);

    assertThat(fixture.rotations).allMatch(RotationReport::succeeded);
  }

  @Test
  void aRotationHappensAtTheStartOfItsWindow() {
    schedule(r -> r.scheduleExpression("rate(10 days)").duration("3h"));
    Instant end = describe().nextRotationDate();
    assertThat(end.atZone(ZoneOffset.UTC).getHour()).isEqualTo(3);

    awaitRotations(1);

    // Not before the window; how long after depends on the machine, whose seconds are days here.
    assertThat(describe().lastRotatedDate()).isAfterOrEqualTo(end.minus(Duration.ofHours(3)));
    assertThat(describe().nextRotationDate()).isAfter(end);
  }

  @Test
  void cancelStopsTheSchedule() {
    schedule(r -> r.scheduleExpression("rate(1 day)"));
    awaitRotations(1);

    fixture.client.cancelRotateSecret(r -> r.secretId("db"));
    await().until(() -> !fixture.manager.isRotating("db"));
    int rotations = fixture.rotations.size();

    await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(5))
        .until(() -> fixture.rotations.size() == rotations);
  }

  @Test
  void aSecretThatAwaitsDeletionIsNotRotated() {
    schedule(r -> r.scheduleExpression("rate(10 days)"));

    fixture.client.deleteSecret(r -> r.secretId("db").recoveryWindowInDays(30L));

    await()
        .during(Duration.ofMillis(800))
        .atMost(Duration.ofSeconds(10))
        .until(() -> fixture.rotations.isEmpty());
  }

  @Test
  void theNextDateTakesUpARotationThatWasGivenUp() {
    fixture.function.behave(call -> Optional.of("broken"));
    schedule(r -> r.scheduleExpression("rate(1 day)"));
    awaitRotations(2);

    fixture.function.behave(fixture.function::rotate);

    await().until(() -> fixture.rotations.stream().anyMatch(RotationReport::succeeded));
    RotationReport failed = fixture.rotations.peek();
    assertThat(failed.succeeded()).isFalse();
    assertThat(failed.attempts()).isEqualTo(2);
    assertThat(fixture.rotations)
        .filteredOn(report -> report.versionId().equals(failed.versionId()))
        .hasSizeGreaterThanOrEqualTo(2)
        .last()
        .satisfies(report -> assertThat(report.succeeded()).isTrue());
  }

  @Test
  void aRotationThatWasGivenUpLeavesItsDateInThePast() {
    fixture.function.behave(call -> Optional.of("broken"));
    schedule(r -> r.scheduleExpression("rate(1 day)"));
    Instant date = describe().nextRotationDate();

    awaitRotations(2);

    assertThat(describe().nextRotationDate()).isEqualTo(date).isBefore(clock.instant());
    assertThat(describe().lastRotatedDate()).isNull();
  }

  @Test
  void aValuePutByHandCountsAsARotationWhereTheRulesCountDays() {
    try (Fixture slow = new Fixture()) {
      LocalClock real = LocalClock.realTime();
      slow.create("db", "one");
      slow.client.rotateSecret(
          r ->
              r.secretId("db")
                  .rotationLambdaARN(FUNCTION)
                  .rotateImmediately(false)
                  .rotationRules(x -> x.automaticallyAfterDays(30L)));
      await().until(() -> !slow.manager.isRotating("db"));

      slow.put("db", "two");

      var secret = slow.client.describeSecret(r -> r.secretId("db"));
      assertThat(Duration.between(real.instant(), secret.nextRotationDate()))
          .isBetween(Duration.ofDays(30), Duration.ofDays(31));
      assertThat(secret.lastRotatedDate()).isNull();
    }
  }

  @Test
  void refusedRulesAreNotSaved() {
    Fixture.assertError(
        "InvalidParameterException",
        "A rotation schedule can't be more frequent than every four hours.",
        () -> schedule(rules -> rules.scheduleExpression("rate(1 hour)")));

    assertThat(describe().rotationEnabled()).isNull();
  }
}
