package io.keyturn.local.secretsmanager.rotation;

import java.time.Duration;
import java.util.Optional;

/** The outcome of one call of a rotation function, and its duration in real time. */
public record RotationStepReport(
    String secretArn,
    String versionId,
    int attempt,
    String step,
    Duration took,
    Optional<String> error) {}
