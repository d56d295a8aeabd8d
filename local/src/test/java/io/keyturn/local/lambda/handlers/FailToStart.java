package io.keyturn.local.lambda.handlers;

/** Cannot be set up. */
public final class FailToStart {
  public FailToStart() {
    throw new IllegalStateException("no DB_HOST");
  }

  public String handle(String event) {
    return event;
  }
}
