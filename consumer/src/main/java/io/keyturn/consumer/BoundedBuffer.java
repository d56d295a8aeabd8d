package io.keyturn.consumer;

import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.io.ByteArrayOutputStream;

/** Holds an answer of a limited size, and refuses what would make it larger. */
final class BoundedBuffer extends ByteArrayOutputStream {
  private final int maxBytes;

  BoundedBuffer(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** An empty one with the same limit. */
  BoundedBuffer another() {
    return new BoundedBuffer(maxBytes);
  }

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

  /** Refuses what would make it larger before that is written, or turned into what would be. */
  void requireRoom(int length) {
    if (length > maxBytes - count) {
      throw new UnsupportedResultException(
          ("The answer is larger than %d bytes, which is the limit (MAX_ANSWER_BYTES); add a LIMIT,"
                  + " choose fewer columns, or raise it (Lambda takes %d)")
              .formatted(maxBytes, Settings.LAMBDA_ANSWER_BYTES));
    }
  }
}
