package io.keyturn.bench.measure;

/**
 * A benchmark cannot run, for a reason that the user can change. It is printed without a stack
 * trace.
 */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BenchException(String message) {
    super(message);
  }

  public BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
