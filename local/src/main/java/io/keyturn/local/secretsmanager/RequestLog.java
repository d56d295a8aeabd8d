package io.keyturn.local.secretsmanager;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every request that came in, without any value, so that a test can tell who called what. */
public final class RequestLog {
  /** The error of a request whose connection was dropped before any work was done. */
  public static final String DROPPED = "ConnectionDropped";

  private final List<Entry> entries = new ArrayList<>();

  RequestLog() {}

  /** One request: the secret's id as the caller wrote it, and the error it was answered with. */
  public record Entry(String operation, Optional<String> secretId, Optional<String> error) {}

  synchronized void add(Entry entry) {
    entries.add(entry);
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
