package io.keyturn.consumer;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs tasks at their time on one thread, for tasks that are almost always cancelled before it.
 *
 * <p>A new task does not wake the thread if an earlier one was due before it, cancelled or not.
 * Waking it for each task would take a tenth of a short query's time.
 */
final class LazyTimer {
  private final ScheduledThreadPoolExecutor executor;
  private final Set<Task> waiting = new HashSet<>();

  /** When the thread looks for due tasks, by System.nanoTime; in the past if it does not. */
  private long nextLook = System.nanoTime();

  /**
   * @param threadName of the timer's thread, a daemon
   */
  LazyTimer(String threadName) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            work -> {
              Thread thread = new Thread(work, threadName);
              thread.setDaemon(true);
              return thread;
            });
  }

  /** What waits for its time. */
  final class Task {
    private final long due;
    private final Runnable work;

    private Task(long due, Runnable work) {
      this.due = due;
      this.work = work;
    }

    void cancel() {
      synchronized (LazyTimer.this) {
        waiting.remove(this);
      }
    }
  }

  synchronized Task schedule(Duration after, Runnable work) {
    Task task = new Task(System.nanoTime() + after.toNanos(), work);
    waiting.add(task);
    lookAt(task.due);
    return task;
  }

  /** Has the thread look at this time, unless it looks before. */
  private void lookAt(long due) {
    long now = System.nanoTime();
    if (nextLook - now <= 0 || due - nextLook < 0) {
      nextLook = due;
      Future<?> unused = executor.schedule(this::look, due - now, TimeUnit.NANOSECONDS);
    }
  }

  private synchronized void look() {
    long now = System.nanoTime();
    List<Task> due = waiting.stream().filter(task -> task.due - now <= 0).toList();
    due.forEach(waiting::remove);
    due.forEach(task -> executor.execute(task.work));
    waiting.stream()
        .min(Comparator.comparingLong(task -> task.due - now))
        .ifPresent(next -> lookAt(next.due));
  }
}
