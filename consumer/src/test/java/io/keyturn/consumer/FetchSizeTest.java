package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.wire.Wire;
import io.keyturn.testing.wire.Wire.Verdict;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often the server is asked for the rows of one answer. */
class FetchSizeTest {
  /** What the wire calls a request for more rows: it has no SQL. */
  private static final String MORE = "";

  @ParameterizedTest
  @CsvSource({
    // rows, characters of each, requests for more rows
    "99, 10, 0",
    "100, 10, 1",
    "1000, 10, 1",
    "2000, 10, 2",
    "500, 10000, 4",
  })
  void followsTheRows(int count, int length, int more) throws Exception {
    List<String> requests = new CopyOnWriteArrayList<>();
    try (TestDatabase database = TestDatabase.create();
        Wire wire =
            database
                .postgres()
                .wire(
                    request -> {
                      requests.add(request);
                      return Verdict.PASS;
                    });
        QueriedDatabase function =
            new QueriedDatabase(
                database,
                Map.of("MAX_ROWS", "2000", "MAX_ANSWER_BYTES", "6291556"),
                "127.0.0.1",
                wire.port())) {
      function.backend();
      for (String format : List.of("NONE", "JSON")) {
        requests.clear();
        ObjectNode request = QueriedDatabase.JSON.createObjectNode();
        request.put(
            "sql",
            "SELECT i, repeat('x', %d) AS x FROM generate_series(1, %d) AS i"
                .formatted(length, count));
        request.put("formatRecordsAs", format);
        JsonNode answer = function.invoke(request.toString());

        assertThat(numbers(answer)).isEqualTo(IntStream.rangeClosed(1, count).boxed().toList());
        assertThat(requests.stream().filter(MORE::equals)).hasSize(more);
      }
    }
  }

  private static List<Integer> numbers(JsonNode answer) throws Exception {
    JsonNode records = answer.get("records");
    if (records != null) {
      return records.findValuesAsText("longValue").stream().map(Integer::valueOf).toList();
    }
    return QueriedDatabase.JSON
        .readTree(answer.get("formattedRecords").asText())
        .findValuesAsText("i")
        .stream()
        .map(Integer::valueOf)
        .toList();
  }
}
