package io.keyturn.rotator.rds;

/**
 * Where the RDS API says that a database is.
 *
 * @param engine as RDS calls it, such as {@code postgres} or {@code aurora-postgresql}
 */
public record RdsEndpoint(String host, int port, String engine) {}
