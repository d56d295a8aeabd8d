package io.keyturn.local.support;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The parts that a run has started. They are closed in reverse order when the run is closed, or
 * when the JVM ends.
 */
public final class StartedParts implements AutoCloseable {
  private final String run;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  /** Held while the run starts, so that the end of the JVM waits for what is just starting. */
  private final Object starting = new Object();

  private final Thread atExit;
  private boolean ending;

  /** Starts a run. It passes each part to {@link StartedParts#opened} at once. */
  @FunctionalInterface
  public interface Start<T, E extends Exception> {
    T start() throws E;
  }

  /**
   * @param run its name in an error
   */
  public StartedParts(String run) {
    this.run = run;
    atExit = new Thread(this::closeAtExit, "close " + run);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Adds a part that has just started. */
  public <T extends AutoCloseable> T opened(T part) {
    synchronized (started) {
      started.push(part);
      if (ending) {
        throw new StackException("Asked to end while it was starting");
      }
    }
    return part;
  }

  /** Starts a run, and closes what it has started if it fails. */
  public <T, E extends Exception> T start(Start<T, E> start) throws E {
    synchronized (starting) {
      try {
        return start.start();
      } catch (Throwable e) {
        try {
          close();
        } catch (RuntimeException second) {
          e.addSuppressed(second);
        }
        throw e;
      }
    }
  }

  @Override
  public void close() {
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is shutting down, and the hook runs or has run.
    }
  }

  /**
   * Waits until a start in progress reaches its next part and aborts there. A part that is just
   * starting, such as PostgreSQL, cannot be closed yet.
   */
  private void closeAtExit() {
    synchronized (started) {
      ending = true;
    }
    synchronized (starting) {
      closeAll();
    }
  }

  /** Runs once: for {@link #close} or for the end of the JVM, whichever comes first. */
  private void closeAll() {
    RuntimeException failure = null;
    synchronized (started) {
      while (!started.isEmpty()) {
        AutoCloseable part = started.pop();
        try {
          part.close();
        } catch (Exception e) {
          if (failure == null) {
            failure = new IllegalStateException("The " + run + " could not be stopped cleanly");
          }
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
