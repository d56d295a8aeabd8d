package io.keyturn.e2e;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Asks a query again and again, with a pause after each answer, and notes how it went. */
final class QueryClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /**
   * Some times as long as a new connection takes: with less, the clients of two stacks wait for
   * each other's turn on a small machine rather than for the database and Secrets Manager.
   */
  private static final long PAUSE_MILLIS = 100;

  private final String kind;
  private final Query query;
  private final List<Sample> samples = new ArrayList<>();
  private final Thread thread;
  private boolean stopped;

  /** What a client asks, whose answer depends on the number. */
  interface Query {
    /** What was wrong with the answer, or nothing. */
    Optional<String> ask(long number);
  }

  /** One query, by {@link System#nanoTime()}. */
  record Sample(long begin, long end, Optional<String> problem) {
    Duration took() {
      return Duration.ofNanos(end - begin);
    }
  }

  private QueryClient(String kind, Query query) {
    this.kind = kind;
    this.query = query;
    thread = new Thread(this::run, kind);
  }

  /**
   * Starts a client.
   *
   * @param kind of queries, in words for a report
   */
  static QueryClient start(String kind, Query query) {
    QueryClient client = new QueryClient(kind, query);
    client.thread.setDaemon(true);
    client.thread.start();
    return client;
  }

  String kind() {
    return kind;
  }

  /** Waits until so many queries have begun and ended from now on. */
  void awaitMore(int queries) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (this) {
      // The one under way began before.
      int enough = samples.size() + 1 + queries;
      while (samples.size() < enough) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0 || !thread.isAlive()) {
          throw new AssertionError(kind + " hangs after " + samples.size() + " queries");
        }
        wait(left);
      }
    }
  }

  /** How each query went that has begun since then, by {@link System#nanoTime()}. */
  synchronized List<Sample> samples(long since) {
    return samples.stream().filter(sample -> sample.begin() - since >= 0).toList();
  }

  private void run() {
    try {
      for (long number = 1; note(ask(number)); number++) {
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Sample ask(long number) {
    long begin = System.nanoTime();
    Optional<String> problem;
    try {
      problem = query.ask(number);
    } catch (RuntimeException e) {
      problem = Optional.of("The client itself failed: " + e);
    }
    return new Sample(begin, System.nanoTime(), problem);
  }

  private synchronized boolean note(Sample sample) {
    samples.add(sample);
    notifyAll();
    return !stopped;
  }

  /** Waits for the query under way, so that none is cut short and counted as failed. */
  @Override
  public void close() throws InterruptedException {
    synchronized (this) {
      stopped = true;
    }
    thread.join();
  }
}
