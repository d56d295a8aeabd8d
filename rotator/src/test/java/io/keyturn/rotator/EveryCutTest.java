package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.rotator.CutRotation.Retry;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cuts a rotation at every request that it makes of Secrets Manager and of PostgreSQL, runs it
 * again as the service would, and checks after each that nobody is locked out and that it
 * completes.
 *
 * <p>The requests are found by recording a rotation that nothing disturbs, so a new one cannot be
 * forgotten. The system property {@code keyturn.cuts} says how much is run: {@code kills}, the
 * default, kills the function at each request and runs the same rotation again; {@code all} also
 * loses requests and answers, begins new rotations, and cuts the second run as well.
 */
@Tag("every-cut")
class EveryCutTest {
  private static final boolean ALL = System.getProperty("keyturn.cuts", "kills").equals("all");
  private static final int WORLDS = 4;

  private static final BlockingQueue<CutWorld> worlds = new LinkedBlockingQueue<>();
  private static final ExecutorService threads = Executors.newFixedThreadPool(WORLDS);
  private static TestDatabase database;

  /** A cut, and how the rotation goes on after it. */
  private record Disturbance(int request, Cut.Kind kind, Retry retry) {}

  @BeforeAll
  static void makeWorlds() throws SQLException {
    database = TestDatabase.create("cuts");
    for (int i = 0; i < WORLDS; i++) {
      TestRole admin = database.createRole("admin", "LOGIN CREATEROLE");
      database.run("GRANT CREATE ON SCHEMA public TO " + admin.quoted());
      worlds.add(new CutWorld(database, admin));
    }
  }

  @AfterAll
  static void closeWorlds() throws SQLException {
    threads.shutdownNow();
    worlds.forEach(CutWorld::close);
    database.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyCut(CutScenario scenario) throws Exception {
    int requests = inWorld(world -> requests(world, scenario, List.of()));
    Map<String, Disturbance> states = new ConcurrentHashMap<>();
    List<Callable<Void>> cases = new ArrayList<>();
    for (Disturbance cut : disturbances(requests)) {
      cases.add(() -> inWorld(world -> run(world, scenario, List.of(cut), states)));
    }
    runAll(cases);
    System.out.printf("Cuts of %s: %d requests, %d cases%n", scenario, requests, cases.size());
    if (ALL) {
      cutTwice(scenario, states);
    }
  }

  /**
   * Two runs that begin in the same state are the same run: so one first cut for each of the states
   * that first cuts leave stands for all of them.
   */
  private static void cutTwice(CutScenario scenario, Map<String, Disturbance> states)
      throws Exception {
    List<Callable<Void>> cases = new ArrayList<>();
    for (Disturbance first : states.values()) {
      int requests = inWorld(world -> requests(world, scenario, List.of(first)));
      for (Disturbance second : disturbances(requests)) {
        cases.add(
            () -> inWorld(world -> run(world, scenario, List.of(first, second), new HashMap<>())));
      }
    }
    runAll(cases);
    System.out.printf(
        "Two cuts of %s: %d states after the first one, %d cases%n",
        scenario, states.size(), cases.size());
  }

  private static List<Disturbance> disturbances(int requests) {
    List<Disturbance> all = new ArrayList<>();
    for (int request = 0; request < requests; request++) {
      if (!ALL) {
        all.add(new Disturbance(request, Cut.Kind.KILLED, Retry.SAME_TOKEN));
        continue;
      }
      for (Cut.Kind kind : Cut.Kind.values()) {
        for (Retry retry : Retry.values()) {
          all.add(new Disturbance(request, kind, retry));
        }
      }
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
      if (ALL) {
        states.putIfAbsent(rotation.state(), cuts.get(0));
      }
      assertThat(rotation.rotate(Cut.none())).isEmpty();
      rotation.assertComplete();
    } catch (AssertionError | RuntimeException e) {
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

  private interface InWorld<T> {
    T run(CutWorld world) throws SQLException;
  }

  private static <T> T inWorld(InWorld<T> work) throws Exception {
    CutWorld world = worlds.take();
    try {
      return work.run(world);
    } finally {
      worlds.add(world);
    }
  }

  /** Runs every case, and then tells of each that failed. */
  private static void runAll(List<Callable<Void>> cases) throws InterruptedException {
    Map<String, Throwable> failures = new LinkedHashMap<>();
    for (Future<Void> done : threads.invokeAll(cases)) {
      try {
        done.get();
      } catch (ExecutionException e) {
        failures.put(e.getCause().getMessage(), e.getCause());
      }
    }
    if (!failures.isEmpty()) {
      AssertionError all =
          new AssertionError(
              failures.size()
                  + " of "
                  + cases.size()
                  + " cases failed:\n"
                  + String.join("\n", failures.keySet()));
      failures.values().stream().limit(3).forEach(all::addSuppressed);
      throw all;
    }
  }
}
