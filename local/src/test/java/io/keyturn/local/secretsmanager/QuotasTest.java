package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.FUNCTION;
import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.LocalClock;
import io.keyturn.local.secretsmanager.Quotas.Quota;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

@Timeout(20)
class QuotasTest {
  private static final Quota WRITES = Quota.of(50, "PutSecretValue", "UpdateSecret");

  private final AtomicLong nanos = new AtomicLong();

  private static Fixture fixture(ServiceLimits limits) {
    return new Fixture(
        LocalClock.realTime(), new RotationRetries(1, Duration.ZERO), Authorizer.ALLOW_ALL, limits);
  }

  private Fixture withQuotas(Quota... quotas) {
    return fixture(
        new ServiceLimits(Quotas.of(List.of(quotas), nanos::get), ServiceLimits.UNLIMITED));
  }

  @Test
  void theFiftyFirstRequestInASecondIsThrottled() {
    try (Fixture fixture = withQuotas(WRITES)) {
      fixture.create("db", "one");
      for (int i = 0; i < 49; i++) {
        fixture.put("db", "value " + i);
      }
      fixture.client.updateSecret(
          r -> r.secretId("db").description("together with PutSecretValue"));

      assertError("ThrottlingException", "Rate exceeded", () -> fixture.put("db", "one too many"));
      assertThat(fixture.value("db")).isEqualTo("value 48");

      nanos.addAndGet(Duration.ofMillis(20).toNanos());
      fixture.put("db", "a fiftieth of a second later");
      assertError("ThrottlingException", "Rate exceeded", () -> fixture.put("db", "one too many"));
    }
  }

  @Test
  void anIdleHourSavesNoMoreThanASecond() {
    try (Fixture fixture = withQuotas(Quota.of(2, "GetSecretValue"))) {
      fixture.create("db", "one");
      nanos.addAndGet(Duration.ofHours(1).toNanos());
      fixture.value("db");
      fixture.value("db");
      assertError("ThrottlingException", "Rate exceeded", () -> fixture.value("db"));
    }
  }

  @Test
  void theSdkGetsAThrottledRequestThrough() {
    // Each request takes 130 ms of this clock, however busy the machine is: the eighth is
    // throttled.
    ServiceLimits limits =
        new ServiceLimits(
            Quotas.of(
                List.of(Quota.of(4, "PutSecretValue")),
                () -> nanos.addAndGet(Duration.ofMillis(130).toNanos())),
            ServiceLimits.UNLIMITED);
    try (Fixture fixture = fixture(limits);
        SecretsManagerClient patient = patient(fixture)) {
      fixture.create("db", "one");
      for (int i = 0; i < 8; i++) {
        String value = "value " + i;
        patient.putSecretValue(r -> r.secretId("db").secretString(value));
        assertThat(fixture.value("db")).isEqualTo(value);
      }
      assertThat(fixture.manager.requests().all())
          .anyMatch(entry -> entry.error().equals(Optional.of("ThrottlingException")));
    }
  }

  private static SecretsManagerClient patient(Fixture fixture) {
    return fixture.client(
        AwsRetryStrategy.standardRetryStrategy().toBuilder().maxAttempts(10).build());
  }

  @Test
  void theServicesOwnQuotasHoldForWritesAndReadsApart() {
    try (Fixture fixture =
        fixture(new ServiceLimits(Quotas.ofService(0.02), ServiceLimits.UNLIMITED))) {
      fixture.create("db", "one");
      assertThat(writesUntilThrottled(fixture)).isLessThan(20);
      assertThat(fixture.value("db")).startsWith("value");
    }
  }

  private static int writesUntilThrottled(Fixture fixture) {
    for (int i = 0; i < 20; i++) {
      try {
        fixture.put("db", "value " + i);
      } catch (SecretsManagerException e) {
        return i;
      }
    }
    return 20;
  }

  @Test
  void onlySoManyRotationsRunAtOnceAndAllRun() {
    try (Fixture fixture = fixture(new ServiceLimits(Quotas.none(), 2))) {
      Semaphore go = new Semaphore(0);
      AtomicInteger running = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      fixture.function.behave(
          call -> {
            if (call.step().equals("createSecret")) {
              most.accumulateAndGet(running.incrementAndGet(), Math::max);
              go.acquireUninterruptibly();
            }
            Optional<String> error = fixture.function.rotate(call);
            if (call.step().equals("finishSecret")) {
              running.decrementAndGet();
            }
            return error;
          });
      for (int i = 0; i < 6; i++) {
        String name = "db" + i;
        fixture.create(name, "one");
        fixture.client.rotateSecret(
            r ->
                r.secretId(name)
                    .rotationLambdaARN(FUNCTION)
                    .rotationRules(rules -> rules.automaticallyAfterDays(30L)));
      }
      await().until(() -> running.get() == 2);
      go.release(6);
      await().until(() -> fixture.rotations.size() == 6);
      assertThat(most).hasValue(2);
      assertThat(fixture.rotations).allMatch(RotationReport::succeeded);
    }
  }
}
