package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keyturn.rotator.CutRotation.Retry;
import io.keyturn.testing.Sampled;
import io.keyturn.testing.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Two rotations of one secret at once: the older one is held back at each of its requests, given up
 * and replaced by a new one, and goes on when that has ended or waits for it; or it is held back at
 * its end, and ends while the new one is at each of its requests.
 */
@Tag("every-cut")
@Sampled
class LateRotationTest {
  @RegisterExtension static final CutWorlds WORLDS = new CutWorlds();

  @ParameterizedTest
  @EnumSource
  void everyDelay(CutScenario scenario) throws Exception {
    int requests =
        WORLDS.inWorld(
            world -> {
              try (CutRotation rotation = new CutRotation(world, scenario)) {
                Cut nothing = Cut.none();
                assertThat(rotation.rotate(nothing)).isEmpty();
                return nothing.requests().size();
              }
            });
    List<CutWorlds.InWorld<Void>> cases = new ArrayList<>();
    for (int at : CutExtent.of(upTo(requests), scenario)) {
      cases.add(world -> delay(world, scenario, at));
    }
    WORLDS.runAll(cases);
    System.out.printf(
        "Delays of %s: %d requests, %d cases, seed %d%n",
        scenario, requests, cases.size(), Seed.value());
  }

  @ParameterizedTest
  @EnumSource
  void everyMomentAtWhichTheOlderOneMayEnd(CutScenario scenario) throws Exception {
    int requests = WORLDS.inWorld(world -> endOfOlder(world, scenario, Integer.MAX_VALUE));
    List<CutWorlds.InWorld<Void>> cases = new ArrayList<>();
    for (int at : CutExtent.of(upTo(requests), scenario)) {
      cases.add(
          world -> {
            endOfOlder(world, scenario, at);
            return null;
          });
    }
    WORLDS.runAll(cases);
    System.out.printf(
        "Ends of an older rotation beside %s: %d requests, %d cases, seed %d%n",
        scenario, requests, cases.size(), Seed.value());
  }

  private static List<Integer> upTo(int requests) {
    return IntStream.range(0, requests).boxed().toList();
  }

  /**
   * Two rotations: the older one, which somebody gave up too late, moves AWSCURRENT when the newer
   * one is at this request.
   *
   * @return how many requests the newer one made
   */
  private static int endOfOlder(CutWorld world, CutScenario scenario, int request)
      throws Exception {
    Stall end = Stall.at("UpdateSecretVersionStage");
    Stall newer = Stall.at(request);
    try (CutRotation rotation = new CutRotation(world, scenario)) {
      CompletableFuture<Optional<Throwable>> late =
          CompletableFuture.supplyAsync(() -> rotation.rotate(end));
      end.awaitReached();
      try {
        rotation.prepare(Retry.NEW_TOKEN);
        CompletableFuture<Optional<Throwable>> next =
            CompletableFuture.supplyAsync(() -> rotation.rotate(newer));
        await().until(() -> next.isDone() || newer.isReached());
        end.release();
        late.join();
        newer.release();
        if (next.join().isPresent()) {
          // Made for the user that has become the current one: no retry could complete it.
          assertThat(scenario.alternates()).isTrue();
          assertThat(rotation.isPending()).isFalse();
          rotation.assertNobodyIsLockedOut();
          rotation.prepare(Retry.NEW_TOKEN);
          assertThat(rotation.rotate(Cut.none())).isEmpty();
        }
        rotation.assertComplete();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            scenario + ", at " + request + " (" + newer.request() + "): " + e.getMessage(), e);
      } finally {
        end.release();
        newer.release();
      }
    }
    return newer.requests();
  }

  private static Void delay(CutWorld world, CutScenario scenario, int request) throws Exception {
    Stall stall = Stall.at(request);
    try (CutRotation rotation = new CutRotation(world, scenario)) {
      CompletableFuture<Optional<Throwable>> late =
          CompletableFuture.supplyAsync(() -> rotation.rotate(stall));
      stall.awaitReached();
      try {
        rotation.prepare(Retry.NEW_TOKEN);
        CompletableFuture<Optional<Throwable>> next =
            CompletableFuture.supplyAsync(() -> rotation.rotate(Cut.none()));
        await().until(() -> next.isDone() || rotation.isLockAwaited());
        stall.release();
        late.join();
        if (next.join().isPresent()) {
          // The older one held locks on what both hand over; the service tries again.
          assertThat(scenario).isEqualTo(CutScenario.ALTERNATING_AFTER_AWS);
          rotation.assertNobodyIsLockedOut();
          assertThat(rotation.rotate(Cut.none())).isEmpty();
        }
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            scenario
                + ", held back at "
                + request
                + " ("
                + stall.request()
                + "): "
                + e.getMessage(),
            e);
      } finally {
        stall.release();
      }
      rotation.assertNobodyIsLockedOut();
      if (rotation.isPendingElsewhere()) {
        // The late createSecret has staged its version again, as the service lets it: a rotation
        // that the service takes up before it begins another.
        assertThat(stall.request()).isIn("GetSecretValue", "PutSecretValue");
        rotation.goBack();
        if (rotation.rotate(Cut.none()).isPresent()) {
          // Made for the turn of the other user, and given up by setSecret.
          assertThat(rotation.isPending()).isFalse();
          rotation.prepare(Retry.NEW_TOKEN);
          assertThat(rotation.rotate(Cut.none())).isEmpty();
        }
      }
      rotation.assertComplete();
    }
    return null;
  }
}
