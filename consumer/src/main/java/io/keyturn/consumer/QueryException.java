package io.keyturn.consumer;

/**
 * A query that could not be answered; the kinds have the names of the RDS Data API's errors.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html#API_ExecuteStatement_Errors">ExecuteStatement's
 *     errors</a>
 */
public abstract class QueryException extends RuntimeException {
  /** PostgreSQL repeats a value that it cannot read, and Lambda takes 6 MB of an answer. */
  private static final int LONGEST_MESSAGE = 10_000;

  /** What stays of a longer one's end, where the SQLSTATE is. */
  private static final int KEPT_END = 1_000;

  private QueryException(String message, Throwable cause) {
    // The cause has the same text, and is printed to the log.
    super(cut(message), message.length() > LONGEST_MESSAGE ? null : cause);
  }

  private static String cut(String message) {
    int surplus = message.length() - LONGEST_MESSAGE;
    return surplus <= 0
        ? message
        : "%s … (%d characters left out) … %s"
            .formatted(
                message.substring(0, LONGEST_MESSAGE - KEPT_END),
                surplus,
                message.substring(message.length() - KEPT_END));
  }

  /** The request, or the SQL in it, is wrong: sending it again will not help. */
  public static final class BadRequestException extends QueryException {
    BadRequestException(String message) {
      super(message, null);
    }

    BadRequestException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The statement ran longer than it may. */
  public static final class StatementTimeoutException extends QueryException {
    StatementTimeoutException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The answer has no room for a value of the result. */
  public static final class UnsupportedResultException extends QueryException {
    UnsupportedResultException(String message) {
      super(message, null);
    }
  }

  /** The database refused or failed the statement. */
  public static final class DatabaseErrorException extends QueryException {
    DatabaseErrorException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** There is no connection to the database. */
  public static final class DatabaseUnavailableException extends QueryException {
    DatabaseUnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The secret could not be read, or is not a database secret. */
  public static final class SecretsErrorException extends QueryException {
    SecretsErrorException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
