package io.keyturn.local.secretsmanager;

import java.time.Duration;
import java.util.Optional;

/** What came of one call of a rotation function; it took so long in real time. */
public record RotationStepReport(
    String secretArn,
    String versionId,
    int attempt,
    String step,
    Duration took,
    Optional<String> error) {}
