package io.keyturn.rotator.invocation;

/** A rotation step failed. The message says what went wrong, where, and what to do. */
public final class RotationException extends RuntimeException {
  public RotationException(String message) {
    super(message);
  }

  public RotationException(String message, Throwable cause) {
    super(message, cause);
  }
}
