package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The line of JSON about each step, which the log's queries read. */
class StepRecordTest {
  private static final List<String> KEYS =
      List.of(
          "type",
          "SecretId",
          "version",
          "step",
          "strategy",
          "host",
          "user",
          "outcome",
          "error",
          "StepMilliseconds",
          "StepFailures",
          "handedOver",
          "left");

  @Test
  void eachStepWritesALineWithTheSameKeys() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      secret.database.run(
          "GRANT USAGE, CREATE ON SCHEMA shop TO %s".formatted(secret.quotedTwin()));
      secret.asCurrent("CREATE TABLE shop.a (x int)");

      secret.rotate();

      List<JsonNode> lines = parsed(secret.lines);
      assertThat(lines).hasSize(4).allSatisfy(line -> assertThat(keys(line)).isEqualTo(KEYS));
      assertThat(lines)
          .extracting(line -> line.path("step").asText())
          .containsExactly("createSecret", "setSecret", "testSecret", "finishSecret");
      JsonNode set = lines.get(1);
      assertThat(set.path("SecretId").asText()).isEqualTo(secret.arn);
      assertThat(set.path("version").asText()).isEqualTo(secret.token);
      assertThat(set.path("strategy").asText()).isEqualTo("alternating users");
      assertThat(set.path("user").asText()).isEqualTo(secret.app.name());
      assertThat(set.path("outcome").asText()).isEqualTo("succeeded");
      assertThat(set.path("handedOver").asInt()).isGreaterThan(1);
      assertThat(set.path("left").asInt()).isZero();
      assertThat(lines).noneMatch(line -> line.has("_aws"));
    }
  }

  @Test
  void aFailureIsALineTooAndAMetricWhereWanted() throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("METRIC_NAMESPACE", "Keyturn"))) {
      secret.database.run("ALTER ROLE %s NOCREATEROLE".formatted(secret.admin.quoted()));
      secret.begin().step("createSecret");

      Throwable failure = catchThrowable(() -> secret.step("setSecret"));

      JsonNode line = parsed(secret.lines).get(1);
      assertThat(line.path("outcome").asText()).isEqualTo("failed");
      assertThat(line.path("error").asText()).isEqualTo(failure.getMessage());
      assertThat(line.path("StepFailures").asInt()).isOne();
      JsonNode metrics = line.path("_aws").path("CloudWatchMetrics").path(0);
      assertThat(metrics.path("Namespace").asText()).isEqualTo("Keyturn");
      assertThat(metrics.path("Dimensions").path(0).path(0).asText()).isEqualTo("SecretId");
      assertThat(metrics.path("Metrics").findValuesAsText("Name"))
          .allSatisfy(name -> assertThat(line.path(name).isNumber()).isTrue());
      assertThat(line.path("_aws").path("Timestamp").asLong()).isPositive();
    }
  }

  private static List<JsonNode> parsed(List<String> lines) throws Exception {
    List<JsonNode> parsed = new ArrayList<>();
    for (String line : lines) {
      parsed.add(new ObjectMapper().readTree(line));
    }
    return parsed;
  }

  private static List<String> keys(JsonNode line) {
    List<String> keys = new ArrayList<>();
    line.fieldNames().forEachRemaining(keys::add);
    return keys;
  }
}
