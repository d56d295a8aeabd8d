package io.keyturn.rotator.rds;

/**
 * The endpoint of a database according to the RDS API.
 *
 * @param engine as RDS calls it, such as {@code postgres} or {@code aurora-postgresql}
 */
public record RdsEndpoint(String host, int port, String engine) {}
