package io.keyturn.local.support;

/** The local stack cannot run as asked. The message says what to do. */
public final class StackException extends RuntimeException {
  public StackException(String message) {
    super(message);
  }

  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
