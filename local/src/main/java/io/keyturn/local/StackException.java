package io.keyturn.local;

/** Why the local stack cannot run as asked, in words that say what to do. */
public final class StackException extends RuntimeException {
  public StackException(String message) {
    super(message);
  }

  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
