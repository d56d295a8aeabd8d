package io.keyturn.bench.measure;

import io.keyturn.local.lambda.LogSink;
import java.util.ArrayDeque;
import java.util.Deque;

/** Keeps the last lines that a function logs, for the report of a failure. */
final class LastLines implements LogSink {
  private static final int KEPT = 60;

  private final LogSink next;
  private final Deque<String> lines = new ArrayDeque<>();

  /**
   * @param next gets every line too
   */
  public LastLines(LogSink next) {
    this.next = next;
  }

  @Override
  public void line(String function, int environment, String line) {
    next.line(function, environment, line);
    synchronized (lines) {
      if (lines.size() == KEPT) {
        lines.removeFirst();
      }
      lines.add(line);
    }
  }

  public String text() {
    synchronized (lines) {
      return lines.isEmpty() ? "(it logged nothing)" : String.join("\n", lines);
    }
  }
}
