package io.keyturn.postgres;

/** The function has no time left for its next call. */
public final class OutOfTimeException extends RuntimeException {
  OutOfTimeException() {
    super(
        "Stopped before Lambda would have ended the function: no time is left for the next call."
            + " Raise the function's timeout, or find what was slow in the lines above");
  }
}
