package io.keyturn.local.rehearsal;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * The outcome of a rehearsal. It succeeded if every rotation finished, every new password logs in,
 * no replaced password does, and no query failed.
 *
 * @param problems of the rehearsal as a whole, in addition to those of each rotation
 */
public record RehearsalReport(
    String postgres,
    String strategy,
    String schedule,
    int rotationsAskedFor,
    List<RotationRow> rotations,
    List<String> problems) {

  @JsonProperty
  public boolean succeeded() {
    return problems.isEmpty()
        && rotations.size() == rotationsAskedFor
        && rotations.stream().allMatch(RotationRow::succeeded);
  }

  @JsonProperty
  public long queriesAnswered() {
    return rotations.stream().mapToLong(RotationRow::queriesAnswered).sum();
  }

  @JsonProperty
  public long queriesFailed() {
    return rotations.stream().mapToLong(RotationRow::queriesFailed).sum();
  }

  @JsonProperty
  public long slowestQueryMillis() {
    return rotations.stream().mapToLong(RotationRow::slowestQueryMillis).max().orElse(0);
  }
}
