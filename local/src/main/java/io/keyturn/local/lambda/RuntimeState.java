package io.keyturn.local.lambda;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The state of one execution environment. The thread that invokes the function, the threads of its
 * Runtime API and the end of its process share it.
 */
final class RuntimeState {
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
  synchronized Optional<Invocation> next() throws InterruptedException {
    polling = true;
    notifyAll();
    while (waiting == null && !ended) {
      wait();
    }
    polling = false;
    running = waiting;
    waiting = null;
    return Optional.ofNullable(running);
  }

  /** Called for the process: keeps its answer, the first if there are several. */
  synchronized boolean answer(String requestId, Answer given) {
    if (running == null || !running.requestId().equals(requestId)) {
      return false;
    }
    if (answer == null) {
      answer = given;
      notifyAll();
    }
    return true;
  }

  /** Called for the process: the function could not be set up, and the process is about to end. */
  synchronized void initFailed(Answer error) {
    initError = error;
    notifyAll();
  }

  /** Called once when the process has ended. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** Gives an event to the process, which must be polling. */
  synchronized void submit(Invocation invocation) {
    answer = null;
    waiting = invocation;
    notifyAll();
  }

  /**
   * Waits until the process asks for an event. Returns false if it ended, or if the time is over.
   */
  synchronized boolean awaitPolling(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!(polling && waiting == null)
        && initError == null
        && !ended
        && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
    }
    return polling && !ended;
  }

  /**
   * Waits for the answer to the submitted event. Returns nothing if the process ended or took too
   * long.
   */
  synchronized Optional<Answer> awaitAnswer(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (answer == null && !ended && end - System.nanoTime() > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, end - System.nanoTime());
    }
    return Optional.ofNullable(answer);
  }

  synchronized Optional<Answer> initError() {
    return Optional.ofNullable(initError);
  }
}
