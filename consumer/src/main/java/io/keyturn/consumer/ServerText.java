package io.keyturn.consumer;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/**
 * A text as the server sent it. It goes into the answer without becoming a String, which would take
 * a third of the processor's time for a large result.
 */
final class ServerText {
  private final byte[] utf8;

  ServerText(byte[] utf8) {
    this.utf8 = utf8;
  }

  /** Writes a value of {@link RowReader}, except for an array. */
  static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof ServerText text) {
      json.writeUTF8String(text.utf8, 0, text.utf8.length);
    } else {
      json.writeObject(value);
    }
  }
}
