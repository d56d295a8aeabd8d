package io.keyturn.local.lambda;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The queue of asynchronous events. Each is invoked as soon as an environment is free, and again
 * after an error.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html">how
 *     Lambda handles errors and retries</a>
 */
final class AsynchronousInvocations implements AutoCloseable {
  private static final Duration FIRST_THROTTLE_DELAY = Duration.ofSeconds(1);
  private static final Duration MAX_THROTTLE_DELAY = Duration.ofMinutes(5);
  private static final Duration MAX_EVENT_AGE = Duration.ofHours(6);

  private static final System.Logger LOG =
      System.getLogger(AsynchronousInvocations.class.getName());

  /** One attempt at an event. */
  @FunctionalInterface
  interface Attempt {
    InvocationResult run() throws InterruptedException;
  }

  private final List<Duration> retryDelays;
  private final ExecutorService threads;
  private final Set<Event> open = ConcurrentHashMap.newKeySet();

  AsynchronousInvocations(List<Duration> retryDelays) {
    this.retryDelays = retryDelays;
    AtomicInteger count = new AtomicInteger();
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "lambda-event-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Queues an event. The future completes with the outcome of its last attempt. */
  CompletableFuture<InvocationResult> queue(Attempt attempt) {
    Event event = new Event(attempt);
    open.add(event);
    var unused = event.last.whenComplete((result, failure) -> ended(event, result, failure));
    run(event, threads);
    return event.last;
  }

  @Override
  public void close() {
    threads.shutdownNow();
    open.forEach(event -> event.last.cancel(false));
  }

  /** Lambda drops an event after its last failed attempt. Here the loss is logged. */
  private void ended(Event event, InvocationResult result, Throwable failure) {
    open.remove(event);
    if (failure != null && !event.last.isCancelled()) {
      LOG.log(System.Logger.Level.ERROR, "An event for a function was lost", failure);
    } else if (result != null && result.functionError().isPresent()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "An event for a function was given up after {0} attempts: {1}",
          event.failures + 1,
          result);
    }
  }

  private void run(Event event, Executor executor) {
    executor.execute(() -> attempt(event));
  }

  private void runLater(Event event, Duration delay) {
    run(event, CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, threads));
  }

  private void attempt(Event event) {
    try {
      InvocationResult result = event.attempt.run();
      if (result.functionError().isPresent() && event.failures < retryDelays.size()) {
        runLater(event, retryDelays.get(event.failures++));
      } else {
        event.last.complete(result);
      }
    } catch (LambdaException e) {
      if (e.status() == 429 && event.age().compareTo(MAX_EVENT_AGE) < 0) {
        runLater(event, event.nextThrottleDelay());
      } else {
        event.last.completeExceptionally(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      event.last.cancel(false);
    } catch (RuntimeException e) {
      event.last.completeExceptionally(e);
    }
  }

  /** An event and its attempts so far. Only one thread at a time uses it. */
  private static final class Event {
    private final Attempt attempt;
    private final CompletableFuture<InvocationResult> last = new CompletableFuture<>();
    private final long queuedAt = System.nanoTime();
    private int failures;
    private Duration throttleDelay = FIRST_THROTTLE_DELAY;

    Event(Attempt attempt) {
      this.attempt = attempt;
    }

    Duration age() {
      return Duration.ofNanos(System.nanoTime() - queuedAt);
    }

    Duration nextThrottleDelay() {
      Duration delay = throttleDelay;
      Duration doubled = delay.multipliedBy(2);
      throttleDelay = doubled.compareTo(MAX_THROTTLE_DELAY) < 0 ? doubled : MAX_THROTTLE_DELAY;
      return delay;
    }
  }
}
