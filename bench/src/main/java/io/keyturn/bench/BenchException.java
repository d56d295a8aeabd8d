package io.keyturn.bench;

/** What keeps a benchmark from its numbers, and whoever runs it can mend; told without a trace. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BenchException(String message) {
    super(message);
  }

  public BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
