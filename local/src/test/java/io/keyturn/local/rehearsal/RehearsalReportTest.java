package io.keyturn.local.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RehearsalReportTest {
  private static final String FIRST = "11111111-1111-1111-1111-111111111111";
  private static final String SECOND = "22222222-2222-2222-2222-222222222222";

  private static final RotationRow WELL =
      new RotationRow(1, "keyturn/app", FIRST, 1, steps(50, 150, 60, 40), List.of(), 100, 0, 90);
  private static final RotationRow STUCK =
      new RotationRow(
          2,
          "keyturn/app",
          SECOND,
          5,
          steps(45, 12_000),
          List.of("setSecret: No route", "given up"),
          70,
          3,
          5400);

  @Test
  void allIsWellOnlyIfEveryRotationIs() {
    assertThat(report(1, WELL).succeeded()).isTrue();
    assertThat(report(2, WELL, STUCK).succeeded()).isFalse();
  }

  @Test
  void aRotationThatDidNotComeIsAFailure() {
    assertThat(report(2, WELL).succeeded()).isFalse();
    assertThat(report(1).succeeded()).isFalse();
  }

  @Test
  void aFailedQueryIsAFailureEvenIfItSaidNothing() {
    RotationRow row =
        new RotationRow(1, "keyturn/app", FIRST, 1, steps(1, 2, 3, 4), List.of(), 9, 1, 5);
    assertThat(report(1, row).succeeded()).isFalse();
  }

  @Test
  void aProblemOfTheWholeIsAFailure() {
    RehearsalReport report =
        new RehearsalReport(
            "PostgreSQL 18.6", "single", "rate(30 days)", 1, List.of(WELL), List.of("too late"));
    assertThat(report.succeeded()).isFalse();
    assertThat(print(report)).contains("too late", "FAILED: 1 of 1 rotations finished");
  }

  @Test
  void theSumsAreOfAllRotations() {
    RehearsalReport report = report(2, WELL, STUCK);
    assertThat(report.queriesAnswered()).isEqualTo(170);
    assertThat(report.queriesFailed()).isEqualTo(3);
    assertThat(report.slowestQueryMillis()).isEqualTo(5400);
    assertThat(report(3).slowestQueryMillis()).isZero();
  }

  @Test
  void theTableHasARowForEachRotationThenProblemsThenTheVerdict() {
    assertThat(print(report(2, WELL, STUCK)).lines())
        .containsExactly(
            "rotation  createSecret  setSecret  testSecret  finishSecret  version that became current           answered  failed  slowest",
            "       1         50 ms     150 ms       60 ms         40 ms  11111111-1111-1111-1111-111111111111       100       0    90 ms",
            "       2         45 ms   12000 ms           -             -  22222222-2222-2222-2222-222222222222        70       3  5400 ms",
            "",
            "Rotation 2: setSecret: No route",
            "Rotation 2: given up",
            "FAILED: 1 of 2 rotations finished on PostgreSQL 18.6 (single), 170 queries answered, 3 failed, slowest 5400 ms.");
  }

  @Test
  void theVerdictOfSuccessIsPassed() {
    assertThat(print(report(1, WELL)))
        .contains("PASSED: 1 of 1 rotations finished on PostgreSQL 18.6 (single), 100 queries");
  }

  @Test
  void theJsonHasTheVerdictAndTheSums() {
    JsonNode json = new ObjectMapper().valueToTree(report(2, WELL, STUCK));
    assertThat(json.get("succeeded").asBoolean(true)).isFalse();
    assertThat(json.get("queriesAnswered").asLong()).isEqualTo(170);
    assertThat(json.get("queriesFailed").asLong()).isEqualTo(3);
    assertThat(json.get("slowestQueryMillis").asLong()).isEqualTo(5400);
    assertThat(json.at("/rotations/0/version").asText()).isEqualTo(FIRST);
    assertThat(json.at("/rotations/1/stepMillis/setSecret").asLong()).isEqualTo(12_000);
  }

  private static RehearsalReport report(int askedFor, RotationRow... rows) {
    return new RehearsalReport(
        "PostgreSQL 18.6", "single", "rate(30 days)", askedFor, List.of(rows), List.of());
  }

  private static String print(RehearsalReport report) {
    StringWriter text = new StringWriter();
    ReportTable.print(report, new PrintWriter(text));
    return text.toString();
  }

  private static Map<String, Long> steps(long... millis) {
    List<String> names = List.of("createSecret", "setSecret", "testSecret", "finishSecret");
    Map<String, Long> steps = new LinkedHashMap<>();
    for (int i = 0; i < millis.length; i++) {
      steps.put(names.get(i), millis[i]);
    }
    return steps;
  }
}
