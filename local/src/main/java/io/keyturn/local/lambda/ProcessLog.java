package io.keyturn.local.lambda;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Reads the output of a function's process line by line, and keeps the end of it. */
final class ProcessLog {
  /** The limit of X-Amz-Log-Result. */
  private static final int TAIL_BYTES = 4 * 1024;

  /** Longer lines are split, as CloudWatch does. */
  private static final int MAX_LINE_BYTES = 256 * 1024;

  private static final System.Logger LOG = System.getLogger(ProcessLog.class.getName());

  private final InputStream output;
  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  private byte[] tail = new byte[0];
  private long marks;
  private boolean ended;

  private ProcessLog(InputStream output, Consumer<String> lines) {
    this.output = output;
    this.lines = lines;
  }

  static ProcessLog read(InputStream output, String threadName, Consumer<String> lines) {
    ProcessLog log = new ProcessLog(output, lines);
    Thread thread = new Thread(log::readAll, threadName);
    thread.setDaemon(true);
    thread.start();
    return log;
  }

  /** Forgets what was kept, for the next invocation. */
  synchronized void clearTail() {
    tail = new byte[0];
  }

  synchronized String tail() {
    return new String(tail, StandardCharsets.UTF_8);
  }

  /** How many zero bytes the process has written so far; see {@link EnvironmentMain}. */
  synchronized long marks() {
    return marks;
  }

  /** Waits until the process has written this many zero bytes, or has ended. */
  synchronized void awaitMarks(long count, Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (marks < count && !ended && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
    }
  }

  /** Waits until all that the process wrote before it ended is read. */
  void awaitEnd(Duration atMost) throws InterruptedException {
    awaitMarks(Long.MAX_VALUE, atMost);
  }

  private void readAll() {
    byte[] buffer = new byte[8192];
    try (output) {
      for (int n = output.read(buffer); n >= 0; n = output.read(buffer)) {
        take(buffer, n);
      }
    } catch (IOException e) {
      // The JDK closes the pipe of a process that has ended, perhaps during a read. That is its
      // end, too.
      LOG.log(System.Logger.Level.DEBUG, "A function's output ended", e);
    } finally {
      if (line.size() > 0) {
        endLine();
      }
      change(() -> ended = true);
    }
  }

  private void take(byte[] buffer, int length) {
    for (int i = 0; i < length; i++) {
      if (buffer[i] == 0) {
        mark();
      } else if (buffer[i] == '\n') {
        endLine();
      } else {
        line.write(buffer[i]);
        if (line.size() == MAX_LINE_BYTES) {
          endLine();
        }
      }
    }
  }

  private void mark() {
    if (line.size() > 0) {
      endLine();
    }
    change(() -> marks++);
  }

  private synchronized void change(Runnable change) {
    change.run();
    notifyAll();
  }

  private void endLine() {
    String text = line.toString(StandardCharsets.UTF_8);
    line.write('\n');
    keep(line.toByteArray());
    line.reset();
    try {
      lines.accept(text);
    } catch (RuntimeException e) {
      // Reading has to continue: a process blocks when its pipe is full.
      LOG.log(System.Logger.Level.ERROR, "A log sink failed on a function's line", e);
    }
  }

  private synchronized void keep(byte[] more) {
    byte[] all = Arrays.copyOf(tail, tail.length + more.length);
    System.arraycopy(more, 0, all, tail.length, more.length);
    tail = Arrays.copyOfRange(all, Math.max(0, all.length - TAIL_BYTES), all.length);
  }
}
