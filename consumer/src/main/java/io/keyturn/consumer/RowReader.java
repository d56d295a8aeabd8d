package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.Oid;
import org.postgresql.core.TypeInfo;
import org.postgresql.jdbc.PgArray;

/**
 * Reads PostgreSQL's values as what JSON and the RDS Data API have: {@link Boolean}, {@link Long},
 * {@link Double}, {@link ServerText} or {@link String}, bytes, {@link SqlArray} or null.
 *
 * <p>It relies on the server's text of a value: the driver's own objects lose what Java's types
 * have no room for, and some of them run a query to be made.
 */
final class RowReader {
  private final ResultSet rows;
  private final ResultSetMetaData columns;
  private final ResultFormat format;
  private final BoundedBuffer answer;
  private final BaseConnection connection;

  /** By column, from 1. The driver looks a type up each time. */
  private final int[] types;

  /**
   * @param answer where the values go: one for which it has no room is not read
   */
  RowReader(ResultSet rows, ResultFormat format, BoundedBuffer answer) throws SQLException {
    this.rows = rows;
    this.answer = answer;
    this.format = format;
    columns = rows.getMetaData();
    types = new int[columns.getColumnCount() + 1];
    for (int column = 1; column < types.length; column++) {
      types[column] = columns.getColumnType(column);
    }
    connection = rows.getStatement().getConnection().unwrap(BaseConnection.class);
  }

  ResultSetMetaData columns() {
    return columns;
  }

  /** The value of this column, from 1, in the current row. */
  Object read(int column) throws SQLException {
    // Of all but bytea these are the bytes of its text.
    byte[] bytes = rows.getBytes(column);
    if (bytes == null) {
      return null;
    }
    answer.requireRoom(bytes.length);
    return switch (types[column]) {
      case Types.BINARY -> bytes;
      case Types.SMALLINT, Types.INTEGER, Types.BIGINT ->
          format.longsAsText() ? new ServerText(bytes) : (Object) rows.getLong(column);
      case Types.NUMERIC ->
          format.decimalsAsNumbers() ? number(rows.getString(column)) : new ServerText(bytes);
      case Types.REAL, Types.DOUBLE -> floatingPoint(rows.getString(column));
      case Types.BIT, Types.BOOLEAN -> bool(rows.getString(column));
      case Types.ARRAY -> array(rows.getArray(column), columns.getColumnLabel(column));
      // Times, UUIDs, JSON and the rest have no kind of their own.
      default -> new ServerText(bytes);
    };
  }

  private static Object floatingPoint(String text) {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      // JDBC has no type for money.
      return text;
    }
  }

  private static Object number(String text) {
    if (Character.isLetter(text.charAt(text.length() - 1))) {
      // NaN and Infinity
      return Double.valueOf(text);
    }
    BigDecimal number = new BigDecimal(text);
    if (number.scale() == 0 && number.unscaledValue().bitLength() < Long.SIZE) {
      return number.longValue();
    }
    double nearest = number.doubleValue();
    // A number that is too large for a double is not infinite.
    return Double.isInfinite(nearest) ? text : (Object) nearest;
  }

  /** JDBC has one type for PostgreSQL's bool, which the server writes as a letter, and bit. */
  private static Object bool(String text) {
    return switch (text) {
      case "t" -> true;
      case "f" -> false;
      default -> text;
    };
  }

  private SqlArray array(Array array, String label) throws SQLException {
    String elementType = array.getBaseTypeName();
    TypeInfo types = connection.getTypeInfo();
    if (types.getArrayDelimiter(types.getPGArrayType(elementType)) != ',') {
      throw new UnsupportedResultException(
          "Column \"%s\" is an array of %s, for which the answer has no room; cast it to text"
              .formatted(label, elementType));
    }
    // Read as one of texts, so that each element is the server's own text.
    Object texts = new PgArray(connection, Oid.VARCHAR_ARRAY, array.toString()).getArray();
    return array(kind(array.getBaseType(), elementType), (Object[]) texts);
  }

  private SqlArray.Kind kind(int type, String name) {
    return switch (type) {
      case Types.SMALLINT, Types.INTEGER, Types.BIGINT ->
          format.longsAsText() ? SqlArray.Kind.STRING : SqlArray.Kind.LONG;
      case Types.REAL, Types.DOUBLE ->
          name.equals("money") ? SqlArray.Kind.STRING : SqlArray.Kind.DOUBLE;
      case Types.BIT, Types.BOOLEAN ->
          name.equals("bool") ? SqlArray.Kind.BOOLEAN : SqlArray.Kind.STRING;
      default -> SqlArray.Kind.STRING;
    };
  }

  private SqlArray array(SqlArray.Kind kind, Object[] texts) {
    List<Object> elements = new ArrayList<>(texts.length);
    for (Object element : texts) {
      if (element instanceof Object[] inner) {
        elements.add(array(kind, inner));
      } else {
        elements.add(element == null ? null : element(kind, (String) element));
      }
    }
    return new SqlArray(kind, elements);
  }

  private static Object element(SqlArray.Kind kind, String text) {
    return switch (kind) {
      case STRING -> text;
      case LONG -> Long.valueOf(text);
      case BOOLEAN -> text.equals("t");
      case DOUBLE -> Double.valueOf(text);
    };
  }
}
