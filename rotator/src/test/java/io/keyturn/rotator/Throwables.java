package io.keyturn.rotator;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Helps to search an exception for what must not be in it. */
final class Throwables {
  private Throwables() {}

  /**
   * All that a log could show of it: messages and stack traces, of causes and of suppressed ones
   * too.
   */
  static String everythingIn(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
