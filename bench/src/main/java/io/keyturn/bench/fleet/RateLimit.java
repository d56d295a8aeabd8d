package io.keyturn.bench.fleet;

import java.util.concurrent.TimeUnit;

/** Limits requests to a number per second, at even intervals. */
final class RateLimit {
  private final double perSecond;
  private final long start = System.nanoTime();
  private long requests;

  RateLimit(double perSecond) {
    this.perSecond = perSecond;
  }

  void await() throws InterruptedException {
    long due = start + (long) (requests++ / perSecond * TimeUnit.SECONDS.toNanos(1));
    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
  }
}
