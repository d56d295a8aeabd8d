package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.io.SerializedString;
import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes results in the shapes of the RDS Data API's responses.
 *
 * <p>Its fields of generated keys stay empty, as they do for Aurora PostgreSQL: RETURNING gives
 * them as rows.
 */
final class ResultJson {
  // An answer that fails must not be given the brackets that would make it look whole.
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_CONTENT).build();

  private final BoundedBuffer output;
  private final int maxRows;
  private final TimeLimit time;

  /**
   * @param maxRows more rows are an error: an answer cut short would look whole
   */
  ResultJson(BoundedBuffer output, int maxRows, TimeLimit time) {
    this.output = output;
    this.maxRows = maxRows;
    this.time = time;
  }

  void writeUpdate(long updated) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(output)) {
      json.writeStartObject();
      json.writeNumberField("numberOfRecordsUpdated", updated);
      writeNoGeneratedFields(json);
      json.writeEndObject();
    }
  }

  void writeBatch(int executions) throws IOException {
    try (JsonGenerator json = JSON.createGenerator(output)) {
      json.writeStartObject();
      json.writeArrayFieldStart("updateResults");
      for (int i = 0; i < executions; i++) {
        json.writeStartObject();
        writeNoGeneratedFields(json);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void writeNoGeneratedFields(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("generatedFields");
    json.writeEndArray();
  }

  /**
   * @param changes whether the rows are those that the statement changed
   */
  void writeRows(ResultSet rows, ResultFormat format, boolean withMetadata, boolean changes)
      throws IOException, SQLException {
    RowReader reader = new RowReader(rows, format, output);
    try (JsonGenerator json = JSON.createGenerator(output)) {
      json.writeStartObject();
      int count;
      if (format.json()) {
        BoundedBuffer records = output.another();
        count = writeObjects(records, rows, reader, fetchSize(rows, records));
        json.writeFieldName("formattedRecords");
        ServerText.write(json, new ServerText(records.toByteArray()));
      } else {
        if (withMetadata) {
          ColumnMetadataJson.write(json, reader.columns());
        }
        count = writeFields(json, rows, reader, fetchSize(rows, output));
      }
      json.writeNumberField("numberOfRecordsUpdated", changes ? count : 0);
      json.writeEndObject();
    }
  }

  private FetchSize fetchSize(ResultSet rows, BoundedBuffer answer) {
    return new FetchSize(rows, answer, maxRows);
  }

  private int writeFields(JsonGenerator json, ResultSet rows, RowReader reader, FetchSize fetchSize)
      throws IOException, SQLException {
    FieldJson fields = new FieldJson(json);
    ResultSetMetaData columns = reader.columns();
    int count = 0;
    json.writeArrayFieldStart("records");
    while (rows.next()) {
      requireWithinLimit(++count);
      json.writeStartArray();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        fields.write(reader.read(i), columns.getColumnLabel(i));
      }
      json.writeEndArray();
      written(count, fetchSize);
    }
    json.writeEndArray();
    return count;
  }

  private int writeObjects(
      OutputStream records, ResultSet rows, RowReader reader, FetchSize fetchSize)
      throws IOException, SQLException {
    ResultSetMetaData columns = reader.columns();
    List<SerializedString> labels = distinctLabels(columns);
    int count = 0;
    try (JsonGenerator json = JSON.createGenerator(records)) {
      json.writeStartArray();
      while (rows.next()) {
        requireWithinLimit(++count);
        json.writeStartObject();
        for (int i = 1; i <= labels.size(); i++) {
          json.writeFieldName(labels.get(i - 1));
          writePlain(json, reader.read(i));
        }
        json.writeEndObject();
        written(count, fetchSize);
      }
      json.writeEndArray();
    }
    return count;
  }

  private static void writePlain(JsonGenerator json, Object value) throws IOException {
    if (value instanceof SqlArray array) {
      json.writeStartArray();
      for (Object element : array.elements()) {
        writePlain(json, element);
      }
      json.writeEndArray();
    } else {
      ServerText.write(json, value);
    }
  }

  private static List<SerializedString> distinctLabels(ResultSetMetaData columns)
      throws SQLException {
    Map<String, SerializedString> labels = new LinkedHashMap<>();
    for (int i = 1; i <= columns.getColumnCount(); i++) {
      String label = columns.getColumnLabel(i);
      if (labels.put(label, new SerializedString(label)) != null) {
        throw new BadRequestException(
            "Two columns are labelled \"%s\", which would be one key of the JSON; give them other names with AS"
                .formatted(label));
      }
    }
    return List.copyOf(labels.values());
  }

  private void requireWithinLimit(int count) {
    if (count > maxRows) {
      throw new UnsupportedResultException(
          "The result has more than %d rows, which is the limit (MAX_ROWS); add a LIMIT to the SQL, or raise it"
              .formatted(maxRows));
    }
  }

  private void written(int count, FetchSize fetchSize) throws SQLException {
    if (fetchSize.written(count)) {
      // Only then: to look at the clock for each row takes 3 % of the time of a thousand.
      time.requireTimeLeft(count, "rows");
    }
  }
}
