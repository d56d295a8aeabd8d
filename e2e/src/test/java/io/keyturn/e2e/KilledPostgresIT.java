package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.stack.Strategy;
import io.keyturn.local.support.RunFolder;
import io.keyturn.testing.CrashablePostgres;
import io.keyturn.testing.Sampled;
import io.keyturn.testing.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * However setSecret is cut short by {@code kill -9} of PostgreSQL, one of the secret's labels logs
 * in once the server is back, with alternating users AWSCURRENT, and the next run completes the
 * rotation.
 *
 * <p>{@code -Dkeyturn.kills.postgres} is how many kills there are, half of them for each strategy.
 */
@Sampled
class KilledPostgresIT {
  private static final int KILLS = Integer.getInteger("keyturn.kills.postgres", 4);

  private static RunFolder folder;
  private static CrashablePostgres server;

  @BeforeAll
  static void start() {
    folder = RunFolder.create();
    server = CrashablePostgres.start(folder.folder("postgres"));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.end();
    }
    folder.close();
  }

  @ParameterizedTest
  @EnumSource(Strategy.class)
  void aRotationWhoseServerIsKilledIsCompletedByTheNextRun(Strategy strategy) throws Exception {
    Random random = Seed.random(strategy.name());
    Kills kills = new Kills();
    try (DisturbedStack stack = DisturbedStack.start(server, strategy)) {
      stack.awaitEnd(stack.rotate());
      Duration setSecret = stack.awaitEnd(stack.rotate()).steps().get(1).took();
      for (int round = 0; kills.count() < KILLS / 2; round++) {
        String where = "round " + round;
        Random draw = new Random(random.nextLong());
        // The first retry finds the server down as often as it finds it back.
        int downAttempts = 1 + draw.nextInt(2);
        AtomicBoolean recovered = new AtomicBoolean();
        AtomicBoolean changed = new AtomicBoolean();
        DisturbedStack.Rotation rotation =
            stack.rotate(
                failure -> {
                  if (failure.report().attempt() == downAttempts) {
                    server.startAgain();
                    changed.set(stack.pendingLogsIn());
                    recovered.set(true);
                  }
                  return recovered.get();
                });
        rotation.awaitStep("createSecret");
        TimeUnit.NANOSECONDS.sleep((long) (draw.nextDouble() * setSecret.toNanos()));
        server.kill();
        if (rotation.awaitFailure(downAttempts).isEmpty()) {
          // It had nothing more to ask of the server.
          kills.cameTooLate();
          server.startAgain();
        }
        RotationReport report = stack.awaitEnd(rotation);
        List<DisturbedStack.Failure> failures = rotation.failures();
        assertThat(report.succeeded()).as("%s: %s %s", where, report, stack.problems()).isTrue();
        assertThat(failures).as(where).hasSize(recovered.get() ? downAttempts : 0);
        // Not that of a function that hung until Lambda ended it.
        assertThat(failures)
            .extracting(DisturbedStack.Failure::error)
            .as(where)
            .allMatch(
                error -> error.startsWith("io.keyturn.rotator.invocation.RotationException: "))
            .allMatch(error -> error.contains(server.host()));
        if (!failures.isEmpty()) {
          kills.hit(failures.get(0).phase() + (changed.get() ? " with the password changed" : ""));
        }
      }
      kills.print("PostgreSQL", stack, "");
      assertThat(stack.problems()).isEmpty();
    }
  }
}
