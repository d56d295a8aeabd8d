package io.keyturn.rotator;

import static io.keyturn.local.secretsmanager.api.Faults.ANY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.local.secretsmanager.api.Faults;
import io.keyturn.rotator.invocation.Step;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.wire.Wire.Verdict;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the function does while a service is slow, throttles, or says nothing at all. */
@Tag("slow")
class SlowServiceTest {
  /** Less than any wait of the function's own, so that only the deadline can end it in time. */
  private static final Duration SHORT = Duration.ofSeconds(4);

  @Test
  void waitsOutABurstOfThrottling() throws Exception {
    assertRotatesDespite(faults -> faults.throttle(ANY, 2));
  }

  @Test
  void waitsOutABurstOfServerErrors() throws Exception {
    assertRotatesDespite(faults -> faults.failInternally(ANY, 4));
  }

  private static void assertRotatesDespite(Consumer<Faults> burst) throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin();
      for (Step step : Step.values()) {
        burst.accept(secret.secretsManager.service().faults());
        secret.step(step.toString());
      }

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
    }
  }

  @Test
  void saysThatItIsThrottledAllTheTime() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin();
      secret.secretsManager.service().faults().throttle("GetSecretValue", 100);

      Throwable failure = catchThrowable(() -> secret.step("createSecret"));

      assertThat(failure).hasMessageContainingAll("GetSecretValue", secret.arn, "Rate exceeded");
    }
  }

  @ParameterizedTest
  @EnumSource
  void doesNotWaitForAnAnswerThatNeverComes(Step step) throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin();
      for (Step before : Step.values()) {
        if (before.compareTo(step) < 0) {
          secret.step(before.toString());
        }
      }
      secret.secretsManager.service().faults().delay(ANY, 100, Duration.ofMinutes(5));
      TestContext context = new TestContext(SHORT);

      Throwable failure =
          catchThrowable(
              () ->
                  secret.invoke(
                      RotatedSecret.event(step.toString(), secret.arn, secret.token), context));

      assertThat(failure).hasMessageContainingAll("DescribeSecret", secret.arn, "timeout");
      assertThat(context.getRemainingTimeInMillis()).isPositive();
    }
  }

  @Test
  void doesNotWaitForAServerThatAcceptsAndSaysNothing() throws Exception {
    try (RotatedSecret secret = new RotatedSecret();
        ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      secret.putCurrent(
          secret
              .json(secret.role.name(), secret.role.password())
              .replace(
                  "\"port\":" + secret.database.postgres().port(),
                  "\"port\":" + silent.getLocalPort()));
      secret.begin().step("createSecret");
      TestContext context = new TestContext(SHORT);

      Throwable failure =
          catchThrowable(
              () ->
                  secret.invoke(
                      RotatedSecret.event("setSecret", secret.arn, secret.token), context));

      assertThat(failure)
          .hasMessageContainingAll(
              "timed out", secret.role.name(), String.valueOf(silent.getLocalPort()), secret.arn);
      assertThat(context.getRemainingTimeInMillis()).isPositive();
    }
  }

  @Test
  void doesNotWaitForAServerThatFallsSilent() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TestDatabase database = TestDatabase.create()) {
      TestRole admin = database.createRole("admin", "LOGIN CREATEROLE");
      try (CutWorld world = new CutWorld(database, admin);
          CutRotation rotation = new CutRotation(world, CutScenario.SINGLE_USER)) {
        Throwable failure =
            rotation
                .rotate(
                    request -> {
                      if (request.contains("PASSWORD")) {
                        awaitQuietly(over);
                      }
                      return Verdict.PASS;
                    },
                    SHORT)
                .orElseThrow();

        assertThat(failure).hasMessageContaining("could not be changed");
        over.countDown();
        rotation.assertNobodyIsLockedOut();
        assertThat(rotation.rotate(Cut.none())).isEmpty();
        rotation.assertComplete();
      } finally {
        over.countDown();
      }
    }
  }

  @Test
  void doesNotAddUpWaitsBeyondItsTime() throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      TestRole admin = database.createRole("admin", "LOGIN CREATEROLE");
      try (CutWorld world = new CutWorld(database, admin);
          CutRotation rotation = new CutRotation(world, CutScenario.ALTERNATING_FIRST)) {
        CountDownLatch never = new CountDownLatch(1);
        Throwable failure =
            rotation
                .rotate(
                    request -> {
                      // No single answer takes long.
                      awaitQuietly(never, Duration.ofMillis(300));
                      return Verdict.PASS;
                    },
                    SHORT)
                .orElseThrow();

        assertThat(Throwables.everythingIn(failure)).containsAnyOf("no time is left", "imed out");
        assertThat(rotation.rotate(Cut.none())).isEmpty();
        rotation.assertComplete();
      }
    }
  }

  @Test
  void saysThatTheServerHasNoConnectionLeft() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret");
      secret.database.run("ALTER ROLE " + secret.role.quoted() + " CONNECTION LIMIT 0");
      TestContext context = new TestContext(SHORT);

      Throwable failure =
          catchThrowable(
              () ->
                  secret.invoke(
                      RotatedSecret.event("setSecret", secret.arn, secret.token), context));

      assertThat(failure)
          .hasMessageContainingAll(
              "53300", secret.role.name(), secret.arn, "ALTER ROLE", "CONNECTION LIMIT");
      assertThat(context.getRemainingTimeInMillis()).isPositive();
      secret.database.run("ALTER ROLE " + secret.role.quoted() + " CONNECTION LIMIT -1");
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    awaitQuietly(latch, Duration.ofMinutes(1));
  }

  private static void awaitQuietly(CountDownLatch latch, Duration atMost) {
    try {
      latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
