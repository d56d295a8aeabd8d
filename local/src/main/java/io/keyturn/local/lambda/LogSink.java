package io.keyturn.local.lambda;

import java.io.PrintStream;

/** Receives the lines that functions write to standard output and standard error. */
@FunctionalInterface
public interface LogSink {
  /**
   * Takes one line, without its line end.
   *
   * @param environment which of the function's execution environments wrote it, from 1
   */
  void line(String function, int environment, String line);

  /** Discards all lines. The last 4 KB of an invocation are still part of its result. */
  static LogSink discard() {
    return (function, environment, line) -> {};
  }

  /** Prints each line after the function's name and the environment's number. */
  static LogSink printTo(PrintStream out) {
    return (function, environment, line) ->
        out.println("[" + function + " " + environment + "] " + line);
  }
}
