package io.keyturn.local.secretsmanager.store;

import io.keyturn.local.secretsmanager.request.SecretValue;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** One version of a secret: its staging labels and, after it was put, its value. */
public final class SecretVersion {
  private final String id;
  private final Instant created;
  private final Set<String> labels = new LinkedHashSet<>();
  private SecretValue value;
  private Instant lastAccessed;

  SecretVersion(String id, Instant created) {
    this.id = id;
    this.created = created;
  }

  public String id() {
    return id;
  }

  public Instant created() {
    return created;
  }

  /** Empty in a version that a rotation staged and no function has put a value into yet. */
  public Optional<SecretValue> value() {
    return Optional.ofNullable(value);
  }

  public void fill(SecretValue newValue) {
    if (value != null) {
      throw new IllegalStateException("Version " + id + " has a value; a value never changes");
    }
    value = newValue;
  }

  public Set<String> labels() {
    return Collections.unmodifiableSet(labels);
  }

  public boolean has(String label) {
    return labels.contains(label);
  }

  void add(String label) {
    labels.add(label);
  }

  public void remove(String label) {
    labels.remove(label);
  }

  public Optional<Instant> lastAccessed() {
    return Optional.ofNullable(lastAccessed);
  }

  void accessed(Instant day) {
    lastAccessed = day;
  }
}
