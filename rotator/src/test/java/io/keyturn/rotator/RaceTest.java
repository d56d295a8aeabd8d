package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What happens when somebody else changes the same things at the same time. */
@Tag("every-postgres")
class RaceTest {
  private static final List<String> STEPS =
      List.of("createSecret", "setSecret", "testSecret", "finishSecret");

  @Test
  void everyStepOfASingleUserMayBeDeliveredTwiceAtOnce() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      for (int round = 0; round < 3; round++) {
        secret.begin();
        for (String step : STEPS) {
          twiceAtOnce(() -> secret.step(step));
        }

        assertThat(secret.labels().get(secret.token)).contains("AWSCURRENT");
        assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      }
    }
  }

  @Test
  void everyStepOfAlternatingUsersMayBeDeliveredTwiceAtOnce() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      for (int round = 0; round < 3; round++) {
        secret.begin();
        for (String step : STEPS) {
          twiceAtOnce(() -> secret.step(step));
          assertThat(secret.logsIn("AWSCURRENT")).isTrue();
        }

        assertThat(secret.secretsManager.labels(secret.arn).get(secret.token))
            .contains("AWSCURRENT");
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      }
    }
  }

  private static void twiceAtOnce(Runnable step) throws Exception {
    CyclicBarrier together = new CyclicBarrier(2);
    Callable<Void> delivery =
        () -> {
          together.await();
          step.run();
          return null;
        };
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (Future<Void> done : threads.invokeAll(List.of(delivery, delivery))) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ALTERNATING_FIRST", "ALTERNATING_AFTER_AWS", "SINGLE_USER_BY_ADMIN"})
  void secretsThatShareAnAdminAreRotatedAtOnce(CutScenario scenario) throws Exception {
    int secrets = 8;
    ExecutorService threads = Executors.newFixedThreadPool(secrets);
    List<CutRotation> rotations = new ArrayList<>();
    try (TestDatabase database = TestDatabase.create()) {
      TestRole admin = database.createRole("admin", "LOGIN CREATEROLE");
      database.run("GRANT CREATE ON SCHEMA public TO " + admin.quoted());
      try (CutWorld world = new CutWorld(database, admin)) {
        database.run(admin.name(), admin.password(), "CREATE TABLE shared (a int)");
        for (int i = 0; i < secrets; i++) {
          rotations.add(new CutRotation(world, scenario).granted("shared"));
        }
        List<Future<Optional<Throwable>>> outcomes = new ArrayList<>();
        for (CutRotation rotation : rotations) {
          outcomes.add(threads.submit(() -> rotation.rotate(Cut.none())));
        }

        for (Future<Optional<Throwable>> outcome : outcomes) {
          assertThat(outcome.get()).isEmpty();
        }
        for (CutRotation rotation : rotations) {
          rotation.assertComplete();
          rotation.asCurrent("SELECT * FROM shared");
        }
        for (CutRotation rotation : rotations) {
          rotation.close();
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aPasswordChangedByHandAfterSetSecretFailsTheTest() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret", "setSecret");
      secret.database.run("ALTER ROLE " + secret.role.quoted() + " PASSWORD 'by hand'");

      assertThat(catchThrowable(() -> secret.step("testSecret")))
          .hasMessageContainingAll("28P01", "AWSCURRENT was not moved", secret.token);

      // What the message of a retried setSecret asks for.
      secret.database.run(
          "ALTER ROLE "
              + secret.role.quoted()
              + " PASSWORD '"
              + secret.password("AWSCURRENT")
              + "'");
      secret.step("createSecret", "setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
    }
  }

  @Test
  void aTwinChangedByHandAfterSetSecretFailsTheTestAndIsMendedByTheRetry() throws Exception {
    for (String change :
        List.of("ALTER ROLE %s PASSWORD NULL", "ALTER ROLE %s RESET ROLE", "DROP ROLE %s")) {
      try (AlternatingSecret secret = new AlternatingSecret()) {
        secret.begin().step("createSecret", "setSecret");
        secret.database.run(change.formatted(secret.quotedTwin()));

        assertThat(catchThrowable(() -> secret.hurriedStep("testSecret")))
            .as(change)
            .isInstanceOf(RotationException.class)
            .hasMessageContaining("AWSCURRENT was not moved");
        assertThat(secret.logsIn("AWSCURRENT")).isTrue();

        secret.step("createSecret", "setSecret", "testSecret", "finishSecret");
        assertThat(secret.secret("AWSCURRENT").username()).isEqualTo(secret.twin);
        assertThat(secret.logsIn("AWSCURRENT")).isTrue();
        assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      }
    }
  }

  @Test
  void aTwinThatMayNotLogInIsNotLetInAgain() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin().step("createSecret", "setSecret");
      secret.database.run("ALTER ROLE " + secret.quotedTwin() + " NOLOGIN");

      assertThat(catchThrowable(() -> secret.hurriedStep("testSecret")))
          .hasMessageContainingAll("28000", "AWSCURRENT was not moved");
      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll(
              "Nothing was changed", "ALTER ROLE " + secret.quotedTwin() + " LOGIN");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();

      secret.database.run("ALTER ROLE " + secret.quotedTwin() + " LOGIN");
      secret.step("setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void aBaseChangedByHandBeforeSetSecretStopsTheRotation() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin().step("createSecret");
      secret.database.run("ALTER ROLE " + secret.app.quoted() + " PASSWORD 'by hand'");

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll("Nothing was changed", secret.app.name(), secret.arn);
      assertThat(secret.database.hasRole(secret.twin)).isFalse();

      secret.database.run(
          "ALTER ROLE " + secret.app.quoted() + " PASSWORD '" + secret.app.password() + "'");
      secret.step("createSecret", "setSecret", "testSecret", "finishSecret");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }
}
