package io.keyturn.local.secretsmanager.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** The log of all requests, without any secret value, for tests. */
public final class RequestLog {
  /** The error of a request whose connection was dropped before any work was done. */
  public static final String DROPPED = "ConnectionDropped";

  /** The caller of a request without a signature. */
  public static final String UNSIGNED = "unsigned";

  private final List<Consumer<Entry>> listeners = new CopyOnWriteArrayList<>();
  private final List<Entry> entries = new ArrayList<>();

  public RequestLog() {}

  /**
   * One request.
   *
   * @param caller the access key id that it is signed with, or {@link #UNSIGNED}
   * @param secretId as the caller wrote it
   * @param versionStage the staging label that it names
   * @param error what it was answered with
   */
  public record Entry(
      String caller,
      String operation,
      Optional<String> secretId,
      Optional<String> versionStage,
      Optional<String> error) {}

  void add(Entry entry) {
    synchronized (this) {
      entries.add(entry);
    }
    // Outside the lock, because a listener may call the service.
    listeners.forEach(listener -> listener.accept(entry));
  }

  /** Registers a listener, which receives each request before it is answered. */
  public void listen(Consumer<Entry> listener) {
    listeners.add(listener);
  }

  /** All requests since the start or the last {@link #clear()}, in order of their answers. */
  public synchronized List<Entry> all() {
    return List.copyOf(entries);
  }

  public synchronized int count(String operation) {
    return (int) entries.stream().filter(entry -> entry.operation().equals(operation)).count();
  }

  public synchronized void clear() {
    entries.clear();
  }
}
