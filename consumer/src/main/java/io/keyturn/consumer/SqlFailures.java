package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import java.sql.SQLException;

/** Tells what the database said of a statement in the Data API's errors. */
final class SqlFailures {
  /**
   * query_canceled, which is how PostgreSQL ends a statement that took too long.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final String QUERY_CANCELED = "57014";

  private SqlFailures() {}

  static QueryException of(SQLException failure, Settings settings) {
    // As the Data API writes it, where its clients look for it.
    String message = failure.getMessage() + "; SQLState: " + failure.getSQLState();
    if (QUERY_CANCELED.equals(failure.getSQLState())) {
      return new StatementTimeoutException(
          message
              + "; the limit is "
              + settings.statementTimeout().toSeconds()
              + " s (STATEMENT_TIMEOUT_SECONDS), or what is left of the function's own time",
          failure);
    }
    return new DatabaseErrorException(message, failure);
  }
}
