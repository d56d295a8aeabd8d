package io.keyturn.local.lambda;

import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Runs packaged Java functions on this machine as Lambda does. Each execution environment is a
 * separate JVM with AWS's runtime interface client.
 *
 * <p>A function can be named by its name, partial ARN or ARN. Closing this object ends all
 * processes. If this JVM is killed, they end by themselves.
 */
public final class LocalLambda implements FunctionInvoker, AutoCloseable {
  private final LambdaSettings settings;
  private final ProcessLauncher launcher;
  private final Map<String, FunctionPool> functions = new ConcurrentSkipListMap<>();
  private boolean closed;

  public LocalLambda() {
    this(LambdaSettings.defaults());
  }

  public LocalLambda(LambdaSettings settings) {
    this.settings = settings;
    launcher = new ProcessLauncher(settings.folder());
  }

  /**
   * Adds a function, or replaces the function of the same name and ends its environments. The jar
   * has to exist when the function is first invoked.
   */
  public synchronized void register(FunctionDefinition function) {
    requireOpen();
    FunctionPool old =
        functions.put(function.name(), new FunctionPool(function, launcher, settings));
    if (old != null) {
      old.close();
    }
  }

  public List<FunctionDefinition> functions() {
    return functions.values().stream().map(FunctionPool::function).toList();
  }

  /**
   * Invokes a function and waits for its response or error.
   *
   * @param payload JSON
   * @throws LambdaException if there is no such function, or all its environments are busy
   */
  public InvocationResult invokeSync(String function, byte[] payload) {
    return run(pool(function), UUID.randomUUID().toString(), payload);
  }

  public InvocationResult invokeSync(String function, String payload) {
    return invokeSync(function, payload.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public boolean exists(String function) {
    try {
      return find(function).isPresent();
    } catch (LambdaException e) {
      // A text that is not a name or ARN names no function.
      return false;
    }
  }

  @Override
  public Optional<String> invoke(String function, byte[] event) {
    try {
      return invokeSync(function, event).error();
    } catch (LambdaException e) {
      return Optional.of(e.type() + ": " + e.getMessage());
    }
  }

  /**
   * Ends the function's environments, busy ones after their answer. The next call is then a cold
   * start.
   */
  public void restart(String function) {
    pool(function).restart();
  }

  /** The processes of the function's environments. */
  public List<ProcessHandle> processes(String function) {
    return pool(function).processes();
  }

  /**
   * Kills the function's processes as {@code kill -9} does, even if they are working on an event.
   *
   * @return how many there were
   */
  public int kill(String function) {
    List<ProcessHandle> processes = processes(function);
    processes.forEach(ProcessHandle::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
    return processes.size();
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      functions.values().forEach(FunctionPool::close);
      launcher.close();
    }
  }

  FunctionDefinition function(String name) {
    return pool(name).function();
  }

  InvocationResult invokeSync(String function, String requestId, byte[] payload) {
    return run(pool(function), requestId, payload);
  }

  private static InvocationResult run(FunctionPool pool, String requestId, byte[] payload) {
    try {
      return pool.invoke(requestId, payload);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(
          "Interrupted while function " + pool.function().name() + " was working", e);
    }
  }

  private FunctionPool pool(String function) {
    return find(function)
        .orElseThrow(() -> LambdaException.notFound(FunctionName.parse(function).toString()));
  }

  private Optional<FunctionPool> find(String function) {
    FunctionName name = FunctionName.parse(function);
    return Optional.ofNullable(functions.get(name.name()))
        .filter(pool -> name.means(pool.function()));
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The local Lambda is closed");
    }
  }
}
