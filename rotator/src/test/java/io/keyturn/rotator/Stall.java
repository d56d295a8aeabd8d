package io.keyturn.rotator;

import io.keyturn.testing.wire.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiPredicate;

/** Holds one request of a function back until it is released; others overtake it. */
final class Stall implements Wire.Fate {
  private final BiPredicate<Integer, String> which;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final List<String> requests = new ArrayList<>();
  private String held;

  private Stall(BiPredicate<Integer, String> which) {
    this.which = which;
  }

  /** Holds back the request of this number, the first of which is 0. */
  static Stall at(int request) {
    return new Stall((number, name) -> number == request);
  }

  /** Holds back the first request of this name. */
  static Stall at(String request) {
    return new Stall((number, name) -> name.equals(request));
  }

  @Override
  public Wire.Verdict of(String request) {
    boolean here;
    synchronized (requests) {
      here = held == null && which.test(requests.size(), request);
      requests.add(request);
      if (here) {
        held = request;
      }
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

  boolean isReached() {
    return reached.getCount() == 0;
  }

  void release() {
    released.countDown();
  }

  /** What is, or was, held back; null before it is reached. */
  String request() {
    synchronized (requests) {
      return held;
    }
  }

  /** How many requests there were. */
  int requests() {
    synchronized (requests) {
      return requests.size();
    }
  }
}
