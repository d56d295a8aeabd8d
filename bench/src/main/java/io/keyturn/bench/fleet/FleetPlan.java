package io.keyturn.bench.fleet;

import io.keyturn.local.Strategy;
import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.secretsmanager.Quotas;
import java.nio.file.Path;

/**
 * The size and the limits of a fleet.
 *
 * @param template of the rotation function
 * @param secrets their number; each has its own role on the one server
 * @param environments that the function may have
 * @param rotationsAtOnce that the service runs side by side
 * @param quotas of the service's requests
 * @param requestsPerSecond at which secrets are made and their rotation is turned on, below the
 *     quotas
 * @param maxConnections of the server
 * @param checked how many secrets are looked at after each window
 * @param seed chooses them
 */
record FleetPlan(
    Path template,
    Strategy strategy,
    int secrets,
    int environments,
    int rotationsAtOnce,
    Quotas quotas,
    double requestsPerSecond,
    int maxConnections,
    int checked,
    long seed,
    LogSink logs) {}
