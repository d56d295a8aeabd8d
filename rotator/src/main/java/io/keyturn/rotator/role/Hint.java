package io.keyturn.rotator.role;

import java.sql.SQLException;

/** What to do about a failure, where the server's own message does not say. */
public final class Hint {
  private Hint() {}

  /** A sentence to append to the failure's message, or an empty text. */
  public static String of(SQLException failure) {
    return switch (String.valueOf(failure.getSQLState())) {
      // read_only_sql_transaction, and feature_not_supported, which a replica answers to SET
      // TRANSACTION READ WRITE.
      case "25006", "0A000" ->
          ". If the server is a replica, put the writer's host into the secret: the cluster endpoint of"
              + " a cluster, or the source of a read replica. To keep the host of a replica, name an"
              + " admin of the writer in \"masterarn\", who then changes the password there";
      case "53300" ->
          ". A rotation needs one connection that the application does not hold: make its pools"
              + " smaller, or raise the limit that is used up: ALTER ROLE or ALTER DATABASE with"
              + " CONNECTION LIMIT, or max_connections";
      default -> "";
    };
  }
}
