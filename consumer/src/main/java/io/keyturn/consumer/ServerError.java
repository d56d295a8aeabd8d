package io.keyturn.consumer;

import java.sql.SQLException;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Describes a server's error with positions in the SQL that the caller sent. */
final class ServerError {
  private ServerError() {}

  /**
   * The same error, with the position in the caller's SQL.
   *
   * @param where which part of the request failed, as the message's beginning; or empty
   */
  static SQLException in(SqlStatement sql, String where, SQLException failure) {
    ServerErrorMessage said =
        failure instanceof PSQLException known ? known.getServerErrorMessage() : null;
    String message = said == null ? failure.getMessage() : message(sql, said);
    return new SQLException(where + message, failure.getSQLState(), failure);
  }

  private static String message(SqlStatement sql, ServerErrorMessage said) {
    StringBuilder message = new StringBuilder();
    message.append(said.getSeverity()).append(": ").append(said.getMessage());
    append(message, "Detail", said.getDetail());
    append(message, "Hint", said.getHint());
    if (said.getPosition() > 0) {
      append(message, "Position", String.valueOf(sql.position(said.getPosition())));
    }
    // Of a statement that a function ran; its position is in that one.
    append(message, "Internal Query", said.getInternalQuery());
    append(message, "Where", said.getWhere());
    return message.toString();
  }

  private static void append(StringBuilder message, String label, String text) {
    if (text != null) {
      message.append("\n  ").append(label).append(": ").append(text);
    }
  }
}
