package io.keyturn.consumer;

import java.io.ByteArrayOutputStream;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Has the server send as many rows at once as take little memory, judged by the rows that came:
 * each further answer of the server is a round trip.
 */
final class FetchSize {
  /** When nothing is known of the rows. */
  static final int FIRST = 100;

  /** Of the answer that the rows of one fetch become; the driver's own copy of them is alike. */
  private static final int BYTES = 1 << 20;

  /** At most this many times the fetch before: the rows that come next may be larger. */
  private static final int GROWTH = 10;

  private final ResultSet rows;
  private final ByteArrayOutputStream answer;
  private final int maxRows;
  private int size = FIRST;
  private int fetched = FIRST;

  /**
   * @param rows of a statement whose fetch size is {@link #FIRST}
   * @param answer what the rows are written to
   * @param maxRows no more than one row beyond these is of use
   */
  FetchSize(ResultSet rows, ByteArrayOutputStream answer, int maxRows) {
    this.rows = rows;
    this.answer = answer;
    this.maxRows = maxRows;
  }

  /**
   * To be told of each row that was written.
   *
   * @param count how many there were until now, {@code maxRows} at most
   * @return whether the next one has to be fetched
   */
  boolean written(int count) throws SQLException {
    if (count < fetched) {
      return false;
    }
    long bytesOfRow = Math.max(1, answer.size() / count);
    long fitting = Math.min(BYTES / bytesOfRow, (long) size * GROWTH);
    size = (int) Math.max(1, Math.min(fitting, maxRows + 1L - count));
    rows.setFetchSize(size);
    fetched += size;
    return true;
  }
}
