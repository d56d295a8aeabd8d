package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.sql.SQLException;
import org.postgresql.util.PSQLException;

/** Turns an SQLException into the Data API's error. */
final class SqlFailures {
  /**
   * query_canceled, which is how PostgreSQL ends a statement that took too long.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final String QUERY_CANCELED = "57014";

  /** The server's SQLSTATE, and the driver's for rows that do not fit into memory. */
  private static final String OUT_OF_MEMORY = "53200";

  private SqlFailures() {}

  /** What does not fit into this function's memory; all of it is free again now. */
  static UnsupportedResultException tooLargeForMemory() {
    return new UnsupportedResultException(
        "The result needs more memory than the function has; add a LIMIT, choose fewer columns, or"
            + " parts of large values (substr)");
  }

  private static boolean isOwnMemory(SQLException failure) {
    return OUT_OF_MEMORY.equals(failure.getSQLState())
        && failure.getCause() instanceof PSQLException known
        && known.getServerErrorMessage() == null;
  }

  static QueryException of(SQLException failure, Settings settings) {
    if (isOwnMemory(failure)) {
      return tooLargeForMemory();
    }
    // As the Data API writes it, where its clients look for it.
    String message = "%s; SQLState: %s".formatted(failure.getMessage(), failure.getSQLState());
    if (QUERY_CANCELED.equals(failure.getSQLState())) {
      return new StatementTimeoutException(
          "%s; the limit is %d s (STATEMENT_TIMEOUT_SECONDS), or what is left of the function's own time"
              .formatted(message, settings.statementTimeout().toSeconds()),
          failure);
    }
    return new DatabaseErrorException(message, failure);
  }
}
