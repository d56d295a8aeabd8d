package io.keyturn.local.lambda;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The state of one execution environment. The thread that invokes the function, the threads of its
 * Runtime API and the end of its process share it.
 */
final class RuntimeState {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Whether the process waits for an event. */
  private boolean polling;

  /** The event for the process, until it has fetched it. */
  private Invocation waiting;

  /** The event that the process works on. */
  private Invocation running;

  private Answer answer;
  private Answer initError;
  private boolean ended;

  /**
   * Called for the process: waits for an event. Returns nothing after the environment has ended.
   */
  Optional<Invocation> next() throws InterruptedException {
    lock.lock();
    try {
      polling = true;
      changed.signalAll();
      while (waiting == null && !ended) {
        changed.await();
      }
      polling = false;
      running = waiting;
      waiting = null;
      return Optional.ofNullable(running);
    } finally {
      lock.unlock();
    }
  }

  /** Called for the process: keeps its answer, the first if there are several. */
  boolean answer(String requestId, Answer given) {
    lock.lock();
    try {
      if (running == null || !running.requestId().equals(requestId)) {
        return false;
      }
      if (answer == null) {
        answer = given;
        changed.signalAll();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Called for the process: the function could not be set up, and the process is about to end. */
  void initFailed(Answer error) {
    lock.lock();
    try {
      initError = error;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Called once when the process has ended. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Gives an event to the process, which must be polling. */
  void submit(Invocation invocation) {
    lock.lock();
    try {
      answer = null;
      waiting = invocation;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until the process asks for an event. Returns false if it ended, or if the time is over.
   */
  boolean awaitPolling(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lock();
    try {
      while (!(polling && waiting == null) && initError == null && !ended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return polling && !ended;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the answer to the submitted event. Returns nothing if the process ended or took too
   * long.
   */
  Optional<Answer> awaitAnswer(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lock();
    try {
      while (answer == null && !ended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return Optional.ofNullable(answer);
    } finally {
      lock.unlock();
    }
  }

  Optional<Answer> initError() {
    lock.lock();
    try {
      return Optional.ofNullable(initError);
    } finally {
      lock.unlock();
    }
  }
}
