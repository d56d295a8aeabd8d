package io.keyturn.local.rehearsal;

import java.util.List;
import java.util.Map;

/**
 * What one rotation of a rehearsal came to.
 *
 * @param secret its name
 * @param version the version that became current, or was to
 * @param stepMillis how long each step took, in order; of the last attempt
 * @param problems what was not as it must be; empty if all was well
 * @param queriesAnswered since the rotation before
 */
public record RotationRow(
    int number,
    String secret,
    String version,
    int attempts,
    Map<String, Long> stepMillis,
    List<String> problems,
    long queriesAnswered,
    long queriesFailed,
    long slowestQueryMillis) {

  boolean succeeded() {
    return problems.isEmpty() && queriesFailed == 0;
  }
}
