package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;

/** Writes the RDS Data API's description of a result's columns. */
final class ColumnMetadataJson {
  private ColumnMetadataJson() {}

  static void write(JsonGenerator json, ResultSetMetaData columns)
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
      // What the Data API gives for an array of PostgreSQL as well; typeName tells its elements.
      json.writeNumberField("arrayBaseColumnType", 0);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
