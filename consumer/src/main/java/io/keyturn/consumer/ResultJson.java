package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.keyturn.consumer.QueryException.BadRequestException;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;

/** Writes a statement's result in the shape of the RDS Data API's ExecuteStatement response. */
final class ResultJson {
  private static final JsonFactory JSON = new JsonFactory();

  private ResultJson() {}

  static void writeUpdate(OutputStream output, long updated) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(output)) {
      json.writeStartObject();
      json.writeNumberField("numberOfRecordsUpdated", updated);
      json.writeArrayFieldStart("generatedFields");
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  /**
   * Writes all rows.
   *
   * @throws BadRequestException if there are more than {@code maxRows}: an answer cut short would
   *     look whole
   */
  static void writeRows(OutputStream output, ResultSet rows, int maxRows, boolean withMetadata)
      throws IOException, SQLException {
    ResultSetMetaData columns = rows.getMetaData();
    try (JsonGenerator json = JSON.createGenerator(output)) {
      json.writeStartObject();
      json.writeNumberField("numberOfRecordsUpdated", 0);
      if (withMetadata) {
        writeColumns(json, columns);
      }
      json.writeArrayFieldStart("records");
      int count = 0;
      while (rows.next()) {
        if (++count > maxRows) {
          throw new BadRequestException(
              "The result has more than "
                  + maxRows
                  + " rows, which is the limit (MAX_ROWS); add a LIMIT to the SQL, or raise it");
        }
        json.writeStartArray();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          writeField(json, rows, i, columns);
        }
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeField(
      JsonGenerator json, ResultSet rows, int i, ResultSetMetaData columns)
      throws IOException, SQLException {
    json.writeStartObject();
    if (rows.getObject(i) == null) {
      json.writeBooleanField("isNull", true);
    } else {
      switch (columns.getColumnType(i)) {
        case Types.SMALLINT, Types.INTEGER, Types.BIGINT ->
            json.writeNumberField("longValue", rows.getLong(i));
        case Types.REAL, Types.DOUBLE -> writeDouble(json, rows.getDouble(i));
        case Types.BINARY -> json.writeBinaryField("blobValue", rows.getBytes(i));
        case Types.BIT, Types.BOOLEAN -> writeBit(json, rows, i, columns);
        // numeric keeps its digits only as text; times, UUIDs, JSON and the rest have no kind of
        // their own.
        default -> json.writeStringField("stringValue", rows.getString(i));
      }
    }
    json.writeEndObject();
  }

  /** JDBC has one type for PostgreSQL's bool and bit. */
  private static void writeBit(JsonGenerator json, ResultSet rows, int i, ResultSetMetaData columns)
      throws IOException, SQLException {
    if (columns.getColumnTypeName(i).equals("bool")) {
      json.writeBooleanField("booleanValue", rows.getBoolean(i));
    } else {
      json.writeStringField("stringValue", rows.getString(i));
    }
  }

  /** JSON has no number for NaN and the infinities. */
  private static void writeDouble(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumberField("doubleValue", value);
    } else {
      json.writeStringField("stringValue", Double.toString(value));
    }
  }

  private static void writeColumns(JsonGenerator json, ResultSetMetaData columns)
      throws IOException, SQLException {
    json.writeArrayFieldStart("columnMetadata");
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      json.writeStartObject();
      json.writeStringField("name", columns.getColumnName(i));
      json.writeStringField("label", columns.getColumnLabel(i));
      json.writeNumberField("type", columns.getColumnType(i));
      json.writeStringField("typeName", columns.getColumnTypeName(i));
      json.writeNumberField("nullable", columns.isNullable(i));
      json.writeNumberField("precision", columns.getPrecision(i));
      json.writeNumberField("scale", columns.getScale(i));
      json.writeBooleanField("isSigned", columns.isSigned(i));
      json.writeBooleanField("isAutoIncrement", columns.isAutoIncrement(i));
      json.writeBooleanField("isCaseSensitive", columns.isCaseSensitive(i));
      json.writeBooleanField("isCurrency", columns.isCurrency(i));
      json.writeStringField("schemaName", columns.getSchemaName(i));
      json.writeStringField("tableName", columns.getTableName(i));
      json.writeNumberField("arrayBaseColumnType", 0);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
