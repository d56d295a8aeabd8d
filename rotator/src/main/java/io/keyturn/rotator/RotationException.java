package io.keyturn.rotator;

/**
 * A rotation step that could not be done: what went wrong, in which secret and version, and what to
 * do.
 */
public final class RotationException extends RuntimeException {
  RotationException(String message) {
    super(message);
  }

  RotationException(String message, Throwable cause) {
    super(message, cause);
  }
}
