package io.keyturn.datasource;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/** A version in memory, and when Secrets Manager is to be asked for its successor. */
final class HeldVersion {
  /** As long as AWS's own cache. */
  static final Duration MAX_AGE = Duration.ofHours(1);

  /** The age of a version that may be the wrong one. */
  static final Duration DOUBTFUL_AGE = Duration.ofSeconds(1);

  private final SecretVersion version;
  private final Duration maxAge;
  private final LongSupplier nanoTime;
  private final long readNanos;
  private final AtomicBoolean claimed = new AtomicBoolean();
  private volatile boolean doubted;
  private volatile long askAgainNanos;

  /**
   * A version that has been read now.
   *
   * @param maxAge after which it is due
   * @param nanoTime {@link System#nanoTime}, or a test's
   */
  HeldVersion(SecretVersion version, Duration maxAge, LongSupplier nanoTime) {
    this.version = version;
    this.maxAge = maxAge;
    this.nanoTime = nanoTime;
    readNanos = nanoTime.getAsLong();
    askAgainNanos = readNanos;
  }

  SecretVersion version() {
    return version;
  }

  /** Whether a successor is to be asked for. */
  boolean isDue() {
    return isOlderThan(doubted ? DOUBTFUL_AGE : maxAge)
        && nanoTime.getAsLong() - askAgainNanos >= 0;
  }

  boolean isOlderThan(Duration age) {
    return nanoTime.getAsLong() - readNanos >= age.toNanos();
  }

  /** Makes the version due soon, since another one might do better. */
  void doubt() {
    doubted = true;
  }

  void trust() {
    doubted = false;
  }

  /** Makes the version due no earlier than this, since its successor could not be read. */
  void postpone(Duration time) {
    askAgainNanos = nanoTime.getAsLong() + time.toNanos();
  }

  /** Whether the caller is the one that asks for a successor; it then releases the version. */
  boolean claim() {
    return claimed.compareAndSet(false, true);
  }

  void release() {
    claimed.set(false);
  }
}
