package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.io.IOException;

/** Writes values as the RDS Data API's fields, such as {@code {"longValue":1}}. */
final class FieldJson {
  private static final SerializedString IS_NULL = new SerializedString("isNull");
  private static final SerializedString BOOLEAN = new SerializedString("booleanValue");
  private static final SerializedString LONG = new SerializedString("longValue");
  private static final SerializedString DOUBLE = new SerializedString("doubleValue");
  private static final SerializedString STRING = new SerializedString("stringValue");
  private static final SerializedString BLOB = new SerializedString("blobValue");
  private static final SerializedString ARRAY = new SerializedString("arrayValue");

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
      json.writeFieldName(IS_NULL);
      json.writeBoolean(true);
    } else if (value instanceof SqlArray array) {
      json.writeFieldName(ARRAY);
      writeArray(array, label);
    } else {
      json.writeFieldName(key(value));
      ServerText.write(json, value);
    }
    json.writeEndObject();
  }

  private static SerializedString key(Object value) {
    if (value instanceof Boolean) {
      return BOOLEAN;
    }
    if (value instanceof Long) {
      return LONG;
    }
    if (value instanceof Double) {
      return DOUBLE;
    }
    return value instanceof byte[] ? BLOB : STRING;
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
