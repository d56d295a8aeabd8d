package io.keyturn.bench.fleet;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PostgreSQL's log, which has a line for each connection that begins or ends. */
record ServerLog(String text) {
  private static final Pattern LINE = Pattern.compile("\\[(\\d+)\\] (LOG|FATAL):  (.*)");

  /** What was logged after another, earlier state of the log. */
  ServerLog since(ServerLog before) {
    return new ServerLog(text.substring(before.text.length()));
  }

  /**
   * Returns the largest number of connections at any instant, including those that had not logged
   * in yet.
   */
  int mostConnections() {
    Set<String> open = new HashSet<>();
    int most = 0;
    Matcher line = LINE.matcher(text);
    while (line.find()) {
      if (line.group(3).startsWith("connection received")) {
        open.add(line.group(1));
        most = Math.max(most, open.size());
      } else if (line.group(2).equals("FATAL") || line.group(3).startsWith("disconnection")) {
        open.remove(line.group(1));
      }
    }
    return most;
  }

  int logins() {
    return count("connection authorized");
  }

  /** Counts logins that found no connection free. */
  int turnedAway() {
    return count("too many clients already") + count("remaining connection slots are reserved");
  }

  /** Counts statements that PostgreSQL aborted because another session changed the same row. */
  int concurrentUpdates() {
    return count("tuple concurrently updated") + count("tuple concurrently deleted");
  }

  private int count(String message) {
    return (int) text.lines().filter(line -> line.contains(message)).count();
  }
}
