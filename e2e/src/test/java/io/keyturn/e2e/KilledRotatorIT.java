package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.Strategy;
import io.keyturn.testing.Sampled;
import io.keyturn.testing.Seed;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * However a rotation is cut short by {@code kill -9} of the rotator, one of the secret's labels
 * logs in, with alternating users AWSCURRENT, and the next run completes the rotation.
 *
 * <p>{@code -Dkeyturn.kills} is how many kills there are, half of them for each strategy.
 */
// Only READ, so that both strategies wait for each other's processes side by side.
@Sampled
@ResourceLock(value = "the PostgreSQL of the tests", mode = ResourceAccessMode.READ)
@Tag("server")
class KilledRotatorIT {
  private static final int KILLS = Integer.getInteger("keyturn.kills", 4);

  private static final List<String> STEPS =
      List.of("createSecret", "setSecret", "testSecret", "finishSecret");

  /** Machines are not as fast every time: kills may come a little later than what was measured. */
  private static final double MARGIN = 1.1;

  @ParameterizedTest
  @EnumSource(Strategy.class)
  @Execution(ExecutionMode.CONCURRENT)
  void aKilledRotationIsCompletedByTheNextRun(Strategy strategy) throws Exception {
    Random random = Seed.random(strategy.name());
    Kills kills = new Kills();
    int second = 0;
    try (DisturbedStack stack = DisturbedStack.start(SharedServer.get(), strategy)) {
      // The first one starts the function, as every rotation does in Lambda.
      Lengths cold = Lengths.of(stack.awaitEnd(stack.rotate()));
      Lengths warm = Lengths.of(stack.awaitEnd(stack.rotate()));
      for (int round = 0; kills.count() < KILLS / 2; round++) {
        Random draw = new Random(random.nextLong());
        DisturbedStack.Rotation rotation;
        if (draw.nextInt(4) == 0) {
          // Any moment of a rotation that includes the start of the function.
          stack.restartRotator();
          rotation = stack.rotate();
          pause(draw, cold.whole());
        } else {
          // Each step in turn: drawn from the whole, finishSecret would hardly ever be hit.
          int step = round % STEPS.size();
          rotation = stack.rotate();
          if (step > 0) {
            rotation.awaitStep(STEPS.get(step - 1));
          }
          pause(draw, warm.step(step));
        }
        Optional<String> phase = kill(stack, rotation, 1);
        if (phase.isEmpty()) {
          kills.cameTooLate();
        } else {
          kills.hit(phase.get());
        }
        if (rotation.failures().size() == 1 && draw.nextInt(4) == 0) {
          pause(draw, cold.whole());
          Optional<String> again = kill(stack, rotation, 2);
          if (again.isPresent()) {
            kills.hit(again.get());
            second++;
          }
        }
        RotationReport report = stack.awaitEnd(rotation);
        assertThat(report.succeeded())
            .as("round %d: %s %s", round, report, stack.problems())
            .isTrue();
        assertThat(report.attempts())
            .as("round %d: attempts", round)
            .isEqualTo(1 + rotation.failures().size());
      }
      kills.print("Rotator", stack, second + " of them in a retry; ");
      assertThat(stack.problems()).isEmpty();
      assertThat(stack.watch().unanswered()).isEmpty();
    }
  }

  /** Kills the rotator, and says where that hit the rotation; nothing if it came too late. */
  private static Optional<String> kill(
      DisturbedStack stack, DisturbedStack.Rotation rotation, int count)
      throws InterruptedException {
    boolean underWay = stack.killRotator();
    Optional<DisturbedStack.Failure> failure = rotation.awaitFailure(count);
    if (failure.isPresent()) {
      assertThat(failure.get().error()).contains("signal: killed");
      return Optional.of(failure.get().phase());
    }
    // Killed when it had answered, which the next step takes with a new process.
    return underWay ? Optional.of("between steps") : Optional.empty();
  }

  private static void pause(Random draw, Duration length) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep((long) (draw.nextDouble() * MARGIN * length.toNanos()));
  }

  /** How long each step of a rotation took. */
  private record Lengths(List<Duration> steps) {
    static Lengths of(RotationReport report) {
      assertThat(report.succeeded()).as("%s", report).isTrue();
      return new Lengths(report.steps().stream().map(RotationStepReport::took).toList());
    }

    Duration step(int number) {
      return steps.get(number);
    }

    Duration whole() {
      return steps.stream().reduce(Duration.ZERO, Duration::plus);
    }
  }
}
