package io.keyturn.local.secretsmanager;

/** Prints errors that no caller receives to the terminal, with their stack traces. */
final class InternalErrors {
  private InternalErrors() {}

  static void print(String where, Throwable error) {
    System.err.println("Local Secrets Manager: " + where);
    error.printStackTrace(System.err);
  }
}
