package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonGenerator;
import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.io.IOException;

/** Writes values as the RDS Data API's fields, such as {@code {"longValue":1}}. */
final class FieldJson {
  private final JsonGenerator json;

  FieldJson(JsonGenerator json) {
    this.json = json;
  }

  /**
   * @param label the column's, for messages
   */
  void write(Object value, String label) throws IOException {
    json.writeStartObject();
    if (value == null) {
      json.writeBooleanField("isNull", true);
    } else if (value instanceof SqlArray array) {
      json.writeFieldName("arrayValue");
      writeArray(array, label);
    } else {
      json.writeObjectField(key(value), value);
    }
    json.writeEndObject();
  }

  private static String key(Object value) {
    if (value instanceof Boolean) {
      return "booleanValue";
    }
    if (value instanceof Long) {
      return "longValue";
    }
    if (value instanceof Double) {
      return "doubleValue";
    }
    return value instanceof byte[] ? "blobValue" : "stringValue";
  }

  private void writeArray(SqlArray array, String label) throws IOException {
    json.writeStartObject();
    json.writeArrayFieldStart(array.isNested() ? "arrayValues" : array.kind().key());
    for (Object element : array.elements()) {
      if (element instanceof SqlArray inner) {
        writeArray(inner, label);
      } else if (element instanceof Double number && !Double.isFinite(number)) {
        // The SDK for Java reads a text in a field as a number, but not in a list.
        throw new UnsupportedResultException(
            ("Column \"%s\" is an array with the element %s, which JSON has no number for; cast it"
                    + " to text[], or ask with \"formatRecordsAs\":\"JSON\"")
                .formatted(label, number));
      } else {
        json.writeObject(element);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
