package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;
import java.util.Set;

/**
 * Commands that PostgreSQL runs in a read-only transaction though they do more than read: they
 * lock, notify, run code or a program, or write files, statistics or the log.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-set-transaction.html">what a read-only
 *     transaction refuses</a>
 */
final class ReadOnlyCommands {
  private static final Set<String> REFUSED =
      Set.of(
          "ANALYZE",
          "CALL",
          "CHECKPOINT",
          "CLUSTER",
          "COPY",
          "DO",
          "EXECUTE",
          "LISTEN",
          "LOAD",
          "LOCK",
          "NOTIFY",
          "PREPARE",
          "REINDEX",
          "VACUUM");

  private ReadOnlyCommands() {}

  static void require(SqlStatement sql) {
    if (REFUSED.contains(sql.command())) {
      throw new BadRequestException(
          "%s is refused, since this function only reads: set ALLOW_WRITES to true to run it"
              .formatted(sql.command()));
    }
  }
}
