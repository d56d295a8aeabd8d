package io.keyturn.rotator;

import io.keyturn.testing.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Holds one request of a function back until it is released; others overtake it. */
final class Stall implements Wire.Fate {
  private final int at;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final List<String> requests = new ArrayList<>();

  /**
   * @param request the first of which is 0
   */
  Stall(int request) {
    at = request;
  }

  @Override
  public Wire.Verdict of(String request) {
    boolean here;
    synchronized (requests) {
      here = requests.size() == at;
      requests.add(request);
    }
    if (here) {
      reached.countDown();
      try {
        released.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return Wire.Verdict.PASS;
  }

  void awaitReached() throws InterruptedException {
    reached.await();
  }

  void release() {
    released.countDown();
  }

  /** What is held back. */
  String request() {
    synchronized (requests) {
      return requests.get(at);
    }
  }
}
