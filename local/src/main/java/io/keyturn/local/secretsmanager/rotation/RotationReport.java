package io.keyturn.local.secretsmanager.rotation;

import java.time.Duration;
import java.util.List;

/**
 * The outcome of one rotation: the number of attempts, the steps of the last one, and the real time
 * from the first step to the end, including the waits between attempts.
 */
public record RotationReport(
    String secretArn,
    String versionId,
    int attempts,
    boolean succeeded,
    List<RotationStepReport> steps,
    Duration took) {
  public RotationReport {
    steps = List.copyOf(steps);
  }
}
