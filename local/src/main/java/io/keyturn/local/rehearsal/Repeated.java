package io.keyturn.local.rehearsal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Work that a thread repeats until it is closed, which lets the work under way finish. */
final class Repeated implements AutoCloseable {
  private final Runnable work;
  private final Duration pause;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread thread;

  private Repeated(String name, Duration pause, Runnable work) {
    this.work = work;
    this.pause = pause;
    thread = new Thread(this::run, name);
    thread.setDaemon(true);
  }

  static Repeated start(String name, Duration pause, Runnable work) {
    Repeated repeated = new Repeated(name, pause, work);
    repeated.thread.start();
    return repeated;
  }

  private void run() {
    try {
      do {
        work.run();
      } while (!stopped.await(pause.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
