package io.keyturn.bench.results;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  private static final Metric WALL = new Metric("wallMillis", "wall ms", 0, true);
  private static final Metric CALLS = new Metric("calls", "calls", 0, false);
  private static final Metric PEAK = new Metric("peak", "peak MB", 1, true);

  private final Results results = new Results("A <test>", List.of(WALL, CALLS, PEAK));

  @BeforeEach
  void addSamples() {
    results.condition("machine", "a small one");
    add("ours", 0, 100, 10);
    add("theirs", 0, 200, 14);
    add("ours", 0, 900, 10);
    add("theirs", 0, 210, 14);
    add("ours", 0, 110, 10);
    add("ours", 20, 300, 10);
  }

  private void add(String subject, int latency, double wall, double calls) {
    results.add(new Sample(subject, latency, Map.of(WALL, wall, CALLS, calls)));
  }

  @Test
  void aSlowRunDoesNotMoveTheMedian() {
    assertThat(results.median("ours", 0, WALL)).hasValue(110);
    assertThat(results.median("theirs", 0, WALL)).hasValue(205);
  }

  @Test
  void theTableHasMediansAndRatiosAndADashForWhatIsUnknown() {
    assertThat(new ResultsTable(results).toString())
        .isEqualTo(
            """
            | latency ms |               | wall ms | calls | peak MB |
            |---:|---|---:|---:|---:|
            |          0 | ours          |     110 |    10 |       - |
            |          0 | theirs        |     205 |    14 |       - |
            |          0 | ours / theirs |    0.54 |       |       - |
            |         20 | ours          |     300 |    10 |       - |
            |         20 | theirs        |       - |     - |       - |
            |         20 | ours / theirs |       - |       |       - |""");
  }

  @Test
  void theFolderHoldsEverySample(@TempDir Path folder) throws IOException {
    ResultsFolder.write(results, folder);

    JsonNode json = new ObjectMapper().readTree(folder.resolve("results.json").toFile());
    assertThat(json.path("conditions").path("machine").asText()).isEqualTo("a small one");
    assertThat(json.path("samples")).hasSize(6);
    assertThat(json.path("samples").get(2).toString())
        .isEqualTo(
            "{\"subject\":\"ours\",\"latencyMillis\":0,\"wallMillis\":900.0,\"calls\":10.0}");
    assertThat(json.path("medians").get(1).toString())
        .isEqualTo(
            "{\"subject\":\"theirs\",\"latencyMillis\":0,\"wallMillis\":205.0,\"calls\":14.0,"
                + "\"ratioTo\":{\"wallMillis\":0.537}}");
    assertThat(folder.resolve("results.md"))
        .content()
        .contains("| 0 | ours / theirs |".substring(4));
  }
}
