package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.BadRequestException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Holds an answer that Lambda will take: it would fail a longer one after all the work, without a
 * word on what to do.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html">Lambda's
 *     quotas</a>
 */
final class BoundedBuffer extends ByteArrayOutputStream {
  /** Of a synchronous invocation's response. */
  static final int MAX_BYTES = 6_291_556;

  @Override
  public synchronized void write(int b) {
    requireRoom(1);
    super.write(b);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    requireRoom(length);
    super.write(bytes, from, length);
  }

  /** What was written, as the text that it is. */
  String text() {
    return toString(StandardCharsets.UTF_8);
  }

  private void requireRoom(int length) {
    if (length > MAX_BYTES - count) {
      throw new BadRequestException(
          "The answer is larger than the "
              + MAX_BYTES
              + " bytes that Lambda takes; add a LIMIT or choose fewer columns");
    }
  }
}
