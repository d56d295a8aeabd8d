package io.keyturn.bench.measure;

/** One stack for all tests, since PostgreSQL takes longer to start than a test; the JVM ends it. */
public final class SharedStack {
  private static BenchStack stack;

  private SharedStack() {}

  public static synchronized BenchStack get() {
    if (stack == null) {
      stack = BenchStack.start(true);
    }
    return stack;
  }
}
