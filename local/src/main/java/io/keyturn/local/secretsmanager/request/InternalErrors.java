package io.keyturn.local.secretsmanager.request;

/** Prints errors that no caller receives to the terminal, with their stack traces. */
public final class InternalErrors {
  private InternalErrors() {}

  public static void print(String where, Throwable error) {
    System.err.println("Local Secrets Manager: " + where);
    error.printStackTrace(System.err);
  }
}
