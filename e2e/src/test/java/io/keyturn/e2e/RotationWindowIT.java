package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.LocalStackBuilder;
import io.keyturn.local.stack.Strategy;
import io.keyturn.testing.Sampled;
import io.keyturn.testing.Seed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * However long a rotation takes from setSecret to finishSecret, no query through the packaged
 * function fails, on a new connection or a kept one.
 *
 * <p>{@code -Dkeyturn.windows} is how many rotations there are of each strategy, {@code
 * -Dkeyturn.windows.longest} how many seconds their windows last at most, {@code
 * -Dkeyturn.windows.long} how many more last two minutes of a faster clock, and {@code
 * -Dkeyturn.windows.clients} how many clients of each kind query the function.
 */
// Only READ, so that both strategies wait side by side.
@Sampled
@ResourceLock(value = "the PostgreSQL of the tests", mode = ResourceAccessMode.READ)
@Tag("server")
class RotationWindowIT {
  private static final int WINDOWS = Integer.getInteger("keyturn.windows", 2);
  private static final Duration LONGEST =
      Duration.ofSeconds(Integer.getInteger("keyturn.windows.longest", 1));
  private static final int LONG_WINDOWS = Integer.getInteger("keyturn.windows.long", 0);
  private static final int CLIENTS = Integer.getInteger("keyturn.windows.clients", 1);

  private static final Duration LONG_WINDOW = Duration.ofMinutes(2);

  /** The schedule's 30 days pass ten times as fast. */
  private static final Duration PERIOD = Duration.ofDays(3);

  /** From here on a window is longer than the wrapper has patience. */
  private static final Duration TOO_LONG_FOR_WRAPPER = Duration.ofSeconds(1);

  /** Of each client between rotations, so that there is something to compare with. */
  private static final int QUERIES_BETWEEN = 3;

  private static final String NEW = "function, new connection";
  private static final String KEPT = "function, kept one";
  private static final String WRAPPER = "wrapper, new connection";

  private static final Map<Strategy, List<LatencyTable.Row>> ROWS =
      Collections.synchronizedMap(new EnumMap<>(Strategy.class));

  @ParameterizedTest
  @EnumSource(Strategy.class)
  @Execution(ExecutionMode.CONCURRENT)
  void noQueryFailsHoweverLongTheWindow(Strategy strategy) throws Exception {
    try (LocalStack stack = start(strategy)) {
      HeldRotations rotations = new HeldRotations(stack);
      // Starts the function, which takes long while others start or ask.
      rotations.rotate(Duration.ZERO);
      List<QueryClient> clients = new ArrayList<>();
      long warm;
      try {
        // A function of its own for each client: one function's environments that were used last
        // are used first, so that the others would be idle most of the time.
        for (int i = 1; i <= CLIENTS; i++) {
          Map<String, String> always = Map.of("CONNECTION_MAX_AGE_SECONDS", "0");
          clients.add(
              QueryClient.start(NEW, FunctionQuery.register(stack, "QueryNew" + i, always)));
          clients.add(
              QueryClient.start(KEPT, FunctionQuery.register(stack, "QueryKept" + i, Map.of())));
        }
        clients.add(QueryClient.start(WRAPPER, new WrapperQuery(stack)));
        awaitQueries(clients);
        warm = System.nanoTime();
        for (Duration window : windows(stack, strategy)) {
          rotations.rotate(window);
          awaitQueries(clients);
        }
      } finally {
        for (QueryClient client : clients) {
          client.close();
        }
      }
      check(strategy, rotations.all(), clients, warm);
    }
  }

  @AfterAll
  static void printTable() {
    LatencyTable table = new LatencyTable();
    StringBuilder summary = new StringBuilder();
    ROWS.values().forEach(rows -> rows.forEach(table::add));
    ROWS.forEach(
        (strategy, rows) -> {
          Duration slowest = row(rows, NEW, true).percentile(100);
          Duration usual = row(rows, NEW, false).percentile(50);
          summary.append(
              "The slowest new connection of the function inside a rotation (%s) took %.1f times the median outside.%n"
                  .formatted(strategy, (double) slowest.toNanos() / usual.toNanos()));
        });
    System.out.printf(
        "%nQueries during %d rotations of each strategy, their windows 0 to %d s%s; seed %d%n%s%s%n",
        WINDOWS + LONG_WINDOWS,
        LONGEST.toSeconds(),
        LONG_WINDOWS == 0
            ? ""
            : ", but %d of %d s on a clock ten times as fast"
                .formatted(LONG_WINDOWS, LONG_WINDOW.toSeconds()),
        Seed.value(),
        table,
        summary);
  }

  private static LocalStack start(Strategy strategy) {
    LocalStackBuilder builder =
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .postgres(SharedServer.get())
            .strategy(strategy);
    if (LONG_WINDOWS > 0) {
      builder.schedulePeriod(PERIOD);
    }
    return builder.start();
  }

  private static List<Duration> windows(LocalStack stack, Strategy strategy) {
    Random random = Seed.random(strategy.name());
    List<Duration> windows = new ArrayList<>();
    for (int i = 0; i < WINDOWS; i++) {
      windows.add(Duration.ofNanos((long) (random.nextDouble() * LONGEST.toNanos())));
    }
    for (int i = 0; i < LONG_WINDOWS; i++) {
      windows.add(stack.clock().toReal(LONG_WINDOW));
    }
    return windows;
  }

  private static void awaitQueries(List<QueryClient> clients) throws InterruptedException {
    for (QueryClient client : clients) {
      client.awaitMore(QUERIES_BETWEEN);
    }
  }

  private static void check(
      Strategy strategy,
      List<HeldRotations.Rotation> rotations,
      List<QueryClient> clients,
      long since) {
    List<LatencyTable.Row> rows = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (String kind : List.of(NEW, KEPT, WRAPPER)) {
      for (boolean inside : List.of(true, false)) {
        List<QueryClient.Sample> samples =
            clients.stream()
                .filter(client -> client.kind().equals(kind))
                .flatMap(client -> client.samples(since).stream())
                .filter(sample -> rotations.stream().anyMatch(r -> r.overlaps(sample)) == inside)
                .toList();
        rows.add(LatencyTable.Row.of(strategy.toString(), kind, phase(inside), samples));
        if (!kind.equals(WRAPPER)) {
          samples.stream()
              .filter(sample -> sample.problem().isPresent())
              .forEach(sample -> failures.add(kind + ", " + describe(sample, rotations)));
        }
      }
    }
    ROWS.put(strategy, rows);
    assertThat(rows).as("%s", rows).allMatch(row -> row.queries() > 0);
    assertThat(failures).isEmpty();
    // Else the comparison shows nothing.
    if (strategy == Strategy.SINGLE
        && rotations.stream().anyMatch(r -> r.window().compareTo(TOO_LONG_FOR_WRAPPER) >= 0)) {
      assertThat(row(rows, WRAPPER, true).failed()).isPositive();
    }
  }

  private static String describe(
      QueryClient.Sample sample, List<HeldRotations.Rotation> rotations) {
    for (int i = 0; i < rotations.size(); i++) {
      HeldRotations.Rotation rotation = rotations.get(i);
      if (rotation.overlaps(sample)) {
        return "from %d to %d ms after setSecret of rotation %d, whose window was %d ms: %s"
            .formatted(
                millis(sample.begin() - rotation.changed()),
                millis(sample.end() - rotation.changed()),
                i + 1,
                rotation.window().toMillis(),
                sample.problem().orElseThrow());
      }
    }
    return "outside of rotations: " + sample.problem().orElseThrow();
  }

  private static long millis(long nanos) {
    return Duration.ofNanos(nanos).toMillis();
  }

  private static LatencyTable.Row row(List<LatencyTable.Row> rows, String kind, boolean inside) {
    return rows.stream()
        .filter(row -> row.client().equals(kind) && row.phase().equals(phase(inside)))
        .findFirst()
        .orElseThrow();
  }

  private static String phase(boolean inside) {
    return inside ? "inside" : "outside";
  }
}
