package io.keyturn.local.secretsmanager;

/** Where errors go that nobody can answer: to the terminal, whole. */
final class Bugs {
  private Bugs() {}

  static void print(String where, Throwable error) {
    System.err.println("Local Secrets Manager: " + where);
    error.printStackTrace(System.err);
  }
}
