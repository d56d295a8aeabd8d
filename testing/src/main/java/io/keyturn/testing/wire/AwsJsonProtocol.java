package io.keyturn.testing.wire;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** AWS JSON over HTTP 1.1, as the SDK and the local services use it: bodies have a length. */
public final class AwsJsonProtocol implements Protocol {
  private static final Pattern LENGTH = header("Content-Length: *(\\d+)");
  private static final Pattern OPERATION = header("X-Amz-Target: *[^\\r]*\\.(\\w+)");

  private static Pattern header(String regex) {
    return Pattern.compile("\r\n" + regex + "\r\n", Pattern.CASE_INSENSITIVE);
  }

  @Override
  public Conversation begin() {
    return new Conversation() {
      @Override
      public Request request(InputStream client) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String headers = message(client, bytes);
        return new Request(find(OPERATION, headers), bytes, true);
      }

      @Override
      public void answer(InputStream service, ByteArrayOutputStream copy) throws IOException {
        message(service, copy);
      }
    };
  }

  /** Copies one message and returns its headers. */
  private static String message(InputStream in, ByteArrayOutputStream copy) throws IOException {
    StringBuilder headers = new StringBuilder();
    while (headers.indexOf("\r\n\r\n", Math.max(0, headers.length() - 4)) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException();
      }
      headers.append((char) next);
    }
    copy.writeBytes(headers.toString().getBytes(StandardCharsets.ISO_8859_1));
    copy.writeBytes(in.readNBytes(Integer.parseInt(find(LENGTH, headers.toString()))));
    return headers.toString();
  }

  private static String find(Pattern pattern, String headers) {
    Matcher found = pattern.matcher(headers);
    if (!found.find()) {
      throw new IllegalStateException("No " + pattern + " in a message to or from the service");
    }
    return found.group(1);
  }
}
