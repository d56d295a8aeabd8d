package io.keyturn.local.rehearsal;

import java.util.List;
import java.util.Map;

/**
 * The outcome of one rotation of a rehearsal.
 *
 * @param secret its name
 * @param version that became AWSCURRENT, or would have
 * @param stepMillis how long each step took, in order; of the last attempt
 * @param problems what went wrong; empty if nothing did
 * @param queriesAnswered since the previous rotation
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
