package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.rotator.CutRotation.Retry;
import io.keyturn.testing.Sampled;
import io.keyturn.testing.Seed;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cuts a rotation at every request that it makes of Secrets Manager and of PostgreSQL, runs it
 * again as the service would, and checks after each that nobody is locked out and that it
 * completes.
 *
 * <p>The requests are found by recording a rotation that nothing disturbs, so a new one cannot be
 * forgotten. At each the function is killed, and the same rotation or a new one follows; or the
 * request is lost, or its answer. {@link CutExtent} says how many of these cases are run.
 */
@Tag("every-cut")
@Sampled
class EveryCutTest {
  @RegisterExtension static final CutWorlds WORLDS = new CutWorlds();

  /** A cut, and how the rotation goes on after it. */
  private record Disturbance(int request, Cut.Kind kind, Retry retry) {}

  @ParameterizedTest
  @EnumSource
  void everyCut(CutScenario scenario) throws Exception {
    int requests = WORLDS.inWorld(world -> requests(world, scenario, List.of()));
    Map<String, Disturbance> states = new ConcurrentHashMap<>();
    List<CutWorlds.InWorld<Void>> cases = new ArrayList<>();
    List<Disturbance> all = disturbances(requests);
    for (Disturbance cut : CutExtent.of(all, scenario)) {
      cases.add(world -> run(world, scenario, List.of(cut), states));
    }
    WORLDS.runAll(cases);
    System.out.printf(
        "Cuts of %s: %d requests, %d of %d cases, seed %d%n",
        scenario, requests, cases.size(), all.size(), Seed.value());
    if (CutExtent.disturbsRetries()) {
      cutTwice(scenario, states);
    }
  }

  /**
   * Two runs that begin in the same state are the same run: so one first cut for each of the states
   * that first cuts leave stands for all of them.
   */
  private static void cutTwice(CutScenario scenario, Map<String, Disturbance> states)
      throws Exception {
    List<CutWorlds.InWorld<Void>> cases = new ArrayList<>();
    for (Disturbance first : states.values()) {
      int requests = WORLDS.inWorld(world -> requests(world, scenario, List.of(first)));
      for (Disturbance second : kills(requests)) {
        cases.add(world -> run(world, scenario, List.of(first, second), new HashMap<>()));
      }
    }
    WORLDS.runAll(cases);
    System.out.printf(
        "Two cuts of %s: %d states after the first one, %d cases%n",
        scenario, states.size(), cases.size());
  }

  private static List<Disturbance> kills(int requests) {
    return IntStream.range(0, requests)
        .mapToObj(request -> new Disturbance(request, Cut.Kind.KILLED, Retry.SAME_TOKEN))
        .toList();
  }

  private static List<Disturbance> disturbances(int requests) {
    List<Disturbance> all = new ArrayList<>(kills(requests));
    for (int request = 0; request < requests; request++) {
      all.add(new Disturbance(request, Cut.Kind.KILLED, Retry.NEW_TOKEN));
      all.add(new Disturbance(request, Cut.Kind.REQUEST_LOST, Retry.SAME_TOKEN));
      all.add(new Disturbance(request, Cut.Kind.ANSWER_LOST, Retry.SAME_TOKEN));
    }
    return all;
  }

  /** How many requests a run makes that comes after these. */
  private static int requests(CutWorld world, CutScenario scenario, List<Disturbance> before)
      throws SQLException {
    try (CutRotation rotation = new CutRotation(world, scenario)) {
      for (Disturbance cut : before) {
        disturb(rotation, cut);
      }
      Cut nothing = Cut.none();
      assertThat(rotation.rotate(nothing)).isEmpty();
      rotation.assertComplete();
      return nothing.requests().size();
    }
  }

  private static Void run(
      CutWorld world, CutScenario scenario, List<Disturbance> cuts, Map<String, Disturbance> states)
      throws SQLException {
    List<String> happened = new ArrayList<>();
    try (CutRotation rotation = new CutRotation(world, scenario)) {
      for (Disturbance cut : cuts) {
        happened.add(disturb(rotation, cut) + ", then " + cut.retry());
      }
      if (CutExtent.disturbsRetries()) {
        states.putIfAbsent(rotation.state(), cuts.get(0));
      }
      assertThat(rotation.rotate(Cut.none())).isEmpty();
      rotation.assertComplete();
    } catch (AssertionError | RuntimeException | SQLException e) {
      throw new AssertionError(scenario + ", " + cuts + happened + ": " + e.getMessage(), e);
    }
    return null;
  }

  private static Cut disturb(CutRotation rotation, Disturbance disturbance) throws SQLException {
    Cut cut = Cut.at(disturbance.request(), disturbance.kind());
    rotation.rotate(cut);
    assertThat(cut.happened()).as("the request was reached").isTrue();
    rotation.assertNobodyIsLockedOut();
    rotation.prepare(disturbance.retry());
    return cut;
  }
}
