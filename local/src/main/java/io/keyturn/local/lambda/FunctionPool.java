package io.keyturn.local.lambda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The execution environments of one function. */
final class FunctionPool implements AutoCloseable {
  private final FunctionDefinition function;
  private final ProcessLauncher launcher;
  private final LambdaSettings settings;

  private final Set<ExecutionEnvironment> all = new HashSet<>();

  /** Most recently used first, as Lambda seems to do, so that few environments are busy. */
  private final Deque<ExecutionEnvironment> idle = new ArrayDeque<>();

  private int places;
  private int started;
  private boolean closed;

  FunctionPool(FunctionDefinition function, ProcessLauncher launcher, LambdaSettings settings) {
    this.function = function;
    this.launcher = launcher;
    this.settings = settings;
  }

  FunctionDefinition function() {
    return function;
  }

  InvocationResult invoke(String requestId, byte[] payload) throws InterruptedException {
    ExecutionEnvironment environment = acquire();
    try {
      return environment.invoke(requestId, payload);
    } catch (InterruptedException | RuntimeException e) {
      // The process may still work on the event.
      environment.retire();
      throw e;
    } finally {
      release(environment);
    }
  }

  synchronized List<ProcessHandle> processes() {
    return all.stream().map(ExecutionEnvironment::process).toList();
  }

  /** Drops all environments: idle ones now, busy ones once they have answered. */
  void restart() {
    List<ExecutionEnvironment> dropped;
    synchronized (this) {
      dropped = new ArrayList<>(idle);
      dropped.forEach(all::remove);
      places -= dropped.size();
      idle.clear();
      all.forEach(ExecutionEnvironment::retire);
    }
    dropped.forEach(ExecutionEnvironment::close);
  }

  /** Ends all processes, those that work on an event too. */
  @Override
  public void close() {
    List<ExecutionEnvironment> dropped;
    synchronized (this) {
      closed = true;
      dropped = new ArrayList<>(all);
      idle.clear();
      all.clear();
    }
    dropped.forEach(ExecutionEnvironment::close);
  }

  private ExecutionEnvironment acquire() {
    List<ExecutionEnvironment> dead = new ArrayList<>();
    int number;
    try {
      synchronized (this) {
        for (ExecutionEnvironment next = idle.poll(); next != null; next = idle.poll()) {
          if (next.isUsable()) {
            return next;
          }
          dead.add(next);
          all.remove(next);
          places--;
        }
        if (places == settings.concurrency()) {
          throw LambdaException.throttled(function.name(), settings.concurrency());
        }
        places++;
        number = ++started;
      }
    } finally {
      dead.forEach(ExecutionEnvironment::close);
    }
    return start(number);
  }

  private ExecutionEnvironment start(int number) {
    ExecutionEnvironment environment;
    try {
      environment =
          new ExecutionEnvironment(
              function,
              number,
              (runtimeApi, lines) -> launcher.launch(function, number, runtimeApi, lines),
              settings.logs());
    } catch (RuntimeException e) {
      synchronized (this) {
        places--;
      }
      throw e;
    }
    synchronized (this) {
      if (!closed) {
        all.add(environment);
        return environment;
      }
    }
    environment.close();
    throw new IllegalStateException("The local Lambda is closed");
  }

  private void release(ExecutionEnvironment environment) {
    synchronized (this) {
      if (closed) {
        return;
      }
      if (environment.isUsable()) {
        idle.push(environment);
        return;
      }
      all.remove(environment);
      places--;
    }
    environment.close();
  }
}
