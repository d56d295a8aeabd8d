package io.keyturn.bench.fleet;

import java.util.concurrent.TimeUnit;

/** Lets so many requests through per second, evenly. */
final class Pace {
  private final double perSecond;
  private final long start = System.nanoTime();
  private long requests;

  Pace(double perSecond) {
    this.perSecond = perSecond;
  }

  void await() throws InterruptedException {
    long due = start + (long) (requests++ / perSecond * TimeUnit.SECONDS.toNanos(1));
    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
  }
}
