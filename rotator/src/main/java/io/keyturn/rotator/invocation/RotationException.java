package io.keyturn.rotator.invocation;

/**
 * A rotation step that could not be done: what went wrong, in which secret and version, and what to
 * do.
 */
public final class RotationException extends RuntimeException {
  public RotationException(String message) {
    super(message);
  }

  public RotationException(String message, Throwable cause) {
    super(message, cause);
  }
}
