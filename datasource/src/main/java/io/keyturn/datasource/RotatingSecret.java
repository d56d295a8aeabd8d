package io.keyturn.datasource;

import io.keyturn.datasource.SecretReader.PendingHiddenException;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.OutOfTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.crac.Context;
import org.crac.Core;
import org.crac.Resource;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * A secret of any kind, such as an API key, kept in memory, and found again when it has been
 * rotated.
 *
 * <pre>{@code
 * RotatingSecret key = RotatingSecret.of("shop/payments-key");      // once, in the function's constructor
 * String text = key.current().text();                               // AWSCURRENT, read once an hour
 * Receipt receipt = key.use(k -> pay(k.text()), Unauthorized.class::isInstance);
 * }</pre>
 *
 * <p>{@link #use} is for secrets whose users can be refused: in the middle of a rotation the other
 * side may want the pending value already while AWSCURRENT is still the old one. It then looks at
 * AWSCURRENT again, and if that has not changed, at AWSPENDING.
 *
 * <p>Safe for use by many threads: of those that are refused at once, one asks Secrets Manager.
 */
public final class RotatingSecret implements AutoCloseable {
  /** As long as AWS's own cache. */
  private static final Duration MAX_AGE = Duration.ofHours(1);

  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);

  /** How long AWSCURRENT is waited for where AWSPENDING may not be read. */
  private static final Duration WAIT_FOR_CURRENT = Duration.ofSeconds(10);

  /** After this a use that failed for another reason makes the next one read the secret again. */
  private static final Duration DOUBT_AGE = Duration.ofSeconds(1);

  private final SecretReader reader;
  private final Resource snapshots = new Snapshots();
  private final Map<String, Cached> cache = new HashMap<>();

  /** What is used now: the current version, or the pending one if that was what was wanted. */
  private Cached inUse;

  private boolean doubted;

  private final Backoff afterRefusal = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(15));

  /** Null unless every version was refused the last time. */
  private Exception lastRefusal;

  private long retryNanos;

  private volatile Consumer<Instant> whenRead = created -> {};

  /** A version, and when it was read. */
  private record Cached(SecretVersion version, long readNanos) {
    static Cached now(SecretVersion version) {
      return new Cached(version, System.nanoTime());
    }

    boolean isOlderThan(Duration age) {
      return System.nanoTime() - readNanos >= age.toNanos();
    }
  }

  /** What is done with a secret. */
  @FunctionalInterface
  public interface Use<T, E extends Exception> {
    T with(SecretVersion version) throws E;
  }

  /** Drops everything that must not be in a snapshot of the function, from which many start. */
  private final class Snapshots implements Resource {
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) {
      forget();
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
      // What was dropped is made anew when it is needed.
    }
  }

  private RotatingSecret(SecretReader reader) {
    this.reader = reader;
    Core.getGlobalContext().register(snapshots);
  }

  /**
   * A secret that is read with a client of its own.
   *
   * @param secretId name or ARN
   */
  public static RotatingSecret of(String secretId) {
    return new RotatingSecret(SecretReader.withOwnClient(secretId));
  }

  /**
   * A secret that is read with this client.
   *
   * @param secretId name or ARN
   * @param client used, and never closed
   */
  public static RotatingSecret of(String secretId, SecretsManagerClient client) {
    return new RotatingSecret(SecretReader.with(secretId, client));
  }

  public String secretId() {
    return reader.secretId();
  }

  /**
   * Has this one told, each time that AWSCURRENT has been read from Secrets Manager, when that
   * version was created, and nothing of what it holds.
   *
   * @param listener replaces the one before; other threads may have to wait for its end
   */
  public void onCurrentRead(Consumer<Instant> listener) {
    whenRead = listener;
  }

  /**
   * The version that is AWSCURRENT, at most an hour old.
   *
   * @throws SecretUnreadableException if it could not be read
   */
  public SecretVersion current() {
    return version(SecretReader.CURRENT);
  }

  /**
   * The version with this staging label, at most an hour old.
   *
   * @throws SecretUnreadableException if there is none, or it could not be read
   */
  public synchronized SecretVersion version(String label) {
    Cached cached = cache.get(label);
    return cached != null && !cached.isOlderThan(MAX_AGE)
        ? cached.version()
        : refreshed(label, cached, Deadline.in(DEFAULT_WAIT)).version();
  }

  /**
   * Uses the secret, one version after the other until one is not refused.
   *
   * @param isRefusal whether the use failed because this value is not, or no longer, the right one
   * @throws E as the use threw it last, with the refusals before it as suppressed
   * @throws RefusedLatelyException if all versions were refused moments ago
   * @throws SecretUnreadableException if there was no version to try
   */
  public <T, E extends Exception> T use(Use<T, E> use, Predicate<? super Exception> isRefusal)
      throws E {
    return use(use, isRefusal, Deadline.in(DEFAULT_WAIT));
  }

  <T, E extends Exception> T use(
      Use<T, E> use, Predicate<? super Exception> isRefusal, Deadline deadline) throws E {
    long began = System.nanoTime();
    Set<String> refused = new HashSet<>();
    SecretVersion version = first(deadline);
    Exception before = null;
    while (true) {
      try {
        T result = use.with(version);
        accepted();
        return result;
      } catch (Exception e) {
        if (before != null) {
          e.addSuppressed(before);
        }
        if (!isRefusal.test(e)) {
          doubt();
          throw e;
        }
        refused.add(version.versionId());
        Optional<SecretVersion> other = other(refused, began, deadline, e);
        if (other.isEmpty()) {
          throw e;
        }
        before = e;
        version = other.get();
      }
    }
  }

  /** The version to begin with. */
  private synchronized SecretVersion first(Deadline deadline) {
    if (lastRefusal != null) {
      long left = retryNanos - System.nanoTime();
      if (left > 0) {
        throw new RefusedLatelyException(secretId(), Duration.ofNanos(left), lastRefusal);
      }
    }
    if (inUse == null || inUse.isOlderThan(doubted ? DOUBT_AGE : MAX_AGE)) {
      inUse = refreshed(SecretReader.CURRENT, inUse, deadline);
      doubted = false;
    }
    return inUse.version();
  }

  private synchronized void accepted() {
    lastRefusal = null;
    afterRefusal.reset();
    doubted = false;
  }

  /** Called when a use failed for a reason that another value might mend, such as a wrong host. */
  private synchronized void doubt() {
    doubted = true;
  }

  /**
   * Another version than those refused, if there is one. Whoever comes first asks Secrets Manager,
   * and the others, held back by the lock meanwhile, take what was found.
   *
   * @param began when the use began: AWSCURRENT need not be read twice since then
   * @param refusal the last one, which gets as suppressed why no other version could be found
   */
  private synchronized Optional<SecretVersion> other(
      Set<String> refused, long began, Deadline deadline, Exception refusal) {
    Optional<SecretVersion> other = Optional.empty();
    try {
      other =
          unless(refused, inUse)
              .or(() -> currentSince(began, refused, deadline))
              .or(() -> pendingOrLaterCurrent(refused, deadline, refusal));
    } catch (SecretUnreadableException | OutOfTimeException e) {
      refusal.addSuppressed(e);
    }
    if (other.isEmpty()) {
      lastRefusal = refusal;
      retryNanos = System.nanoTime() + afterRefusal.next().toNanos();
      inUse = null;
    }
    return other;
  }

  private Optional<SecretVersion> currentSince(long began, Set<String> refused, Deadline deadline) {
    Cached known = cache.get(SecretReader.CURRENT);
    if (known != null && known.readNanos() - began > 0) {
      return unless(refused, known);
    }
    return current(refused, deadline);
  }

  private Optional<SecretVersion> pendingOrLaterCurrent(
      Set<String> refused, Deadline deadline, Exception refusal) {
    try {
      // A rotation may finish between the reading of AWSCURRENT and that of AWSPENDING.
      return reader
          .readPending(deadline)
          .map(Cached::now)
          .flatMap(pending -> unless(refused, pending))
          .or(() -> current(refused, deadline));
    } catch (PendingHiddenException e) {
      Optional<SecretVersion> current = waitForCurrent(refused, deadline);
      if (current.isEmpty()) {
        refusal.addSuppressed(e);
      }
      return current;
    }
  }

  /**
   * Without AWSPENDING all that is left is to wait for the rotation's end, if there is a rotation.
   */
  private Optional<SecretVersion> waitForCurrent(Set<String> refused, Deadline deadline) {
    Deadline end = Deadline.in(deadline.atMost(WAIT_FOR_CURRENT));
    Backoff pauses = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    Optional<SecretVersion> current = current(refused, end);
    while (current.isEmpty()) {
      Duration pause = pauses.next();
      if (end.remaining().compareTo(pause) <= 0) {
        return Optional.empty();
      }
      long paused = System.nanoTime();
      try {
        // Gives the lock away meanwhile.
        wait(pause.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
      current = unless(refused, inUse).or(() -> currentSince(paused, refused, end));
    }
    return current;
  }

  private Optional<SecretVersion> current(Set<String> refused, Deadline deadline) {
    return unless(refused, read(SecretReader.CURRENT, deadline));
  }

  /** Takes this version into use, unless it was refused. */
  private Optional<SecretVersion> unless(Set<String> refused, Cached cached) {
    if (cached == null || refused.contains(cached.version().versionId())) {
      return Optional.empty();
    }
    inUse = cached;
    return Optional.of(cached.version());
  }

  /** What an old value is replaced with: itself, if Secrets Manager cannot give another now. */
  private Cached refreshed(String label, Cached old, Deadline deadline) {
    try {
      return read(label, deadline);
    } catch (SecretUnreadableException e) {
      if (old == null) {
        throw e;
      }
      Cached again = Cached.now(old.version());
      cache.put(label, again);
      return again;
    }
  }

  private Cached read(String label, Deadline deadline) {
    Cached read = Cached.now(reader.read(label, deadline));
    cache.put(label, read);
    if (label.equals(SecretReader.CURRENT)) {
      read.version().created().ifPresent(whenRead);
    }
    return read;
  }

  /** Forgets every value, and closes the client if it is its own; the next use begins anew. */
  synchronized void forget() {
    cache.clear();
    inUse = null;
    lastRefusal = null;
    afterRefusal.reset();
    reader.close();
  }

  @Override
  public void close() {
    forget();
  }
}
