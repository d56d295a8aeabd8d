package io.keyturn.datasource;

import io.keyturn.datasource.SecretUnreadableException.Kind;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.OutOfTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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
 * <p>{@link #use} is for secrets whose users can be refused. When the value is refused, the
 * versions AWSCURRENT, AWSPENDING and AWSPREVIOUS are read and tried in this order: in the middle
 * of a rotation the other side may want the pending value already, and a replica may still want the
 * previous one. If all are refused, AWSCURRENT is tried once more a moment later.
 *
 * <p>A value is read again when it is an hour old. What happens if that fails depends on why:
 *
 * <ul>
 *   <li>Secrets Manager cannot be reached, fails or throttles: the old value stays in use until it
 *       is 24 hours old, with a warning. The read is repeated every minute.
 *   <li>Any other answer, such as "not found", "marked for deletion" or "access denied": the old
 *       value is dropped at once, and the caller gets a {@link SecretUnreadableException}.
 * </ul>
 *
 * <p>Safe for use by many threads. Of those that are refused at the same time, one asks Secrets
 * Manager. While one reads a value again, the others go on with the old one.
 */
public final class RotatingSecret implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.keyturn.datasource");

  /** How old a value may become while Secrets Manager cannot be asked. */
  private static final Duration MAX_AGE_IN_OUTAGE = Duration.ofHours(24);

  /** How often Secrets Manager is asked then, and how long the caller that asks may wait. */
  private static final Duration RETRY_IN_OUTAGE = Duration.ofMinutes(1);

  private static final Duration LONGEST_REFRESH = Duration.ofSeconds(5);

  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);

  /** How long AWSCURRENT is waited for where AWSPENDING may not be read. */
  private static final Duration WAIT_FOR_CURRENT = Duration.ofSeconds(10);

  /** A server may refuse a moment long what it takes otherwise: its rules are being reloaded. */
  private static final Duration ONCE_MORE_AFTER = Duration.ofMillis(250);

  private final SecretReader reader;
  private final LongSupplier nanoTime;
  private final SharedReads reads;
  private final Resource snapshots = new Snapshots();
  private final Map<String, HeldVersion> held = new ConcurrentHashMap<>();

  /** What a use begins with: the version that was accepted last; null before the first use. */
  private volatile HeldVersion inUse;

  private long acceptedNanos;

  private final Backoff afterRefusal = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(15));

  /** Null unless every version was refused the last time. */
  private Exception lastRefusal;

  private long retryNanos;

  private volatile Consumer<Instant> whenRead = created -> {};
  private volatile boolean closed;

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
      reader.restored();
    }
  }

  /**
   * @param nanoTime {@link System#nanoTime}, or a test's
   */
  RotatingSecret(SecretReader reader, LongSupplier nanoTime) {
    this.reader = reader;
    this.nanoTime = nanoTime;
    acceptedNanos = nanoTime.getAsLong();
    reads = new SharedReads(reader, nanoTime, this::hold);
    Core.getGlobalContext().register(snapshots);
  }

  /**
   * A secret that is read with a client of its own.
   *
   * @param secretId name or ARN
   */
  public static RotatingSecret of(String secretId) {
    return new RotatingSecret(SecretReader.withOwnClient(secretId), System::nanoTime);
  }

  /**
   * A secret that is read with this client.
   *
   * @param secretId name or ARN
   * @param client used, and never closed
   */
  public static RotatingSecret of(String secretId, SecretsManagerClient client) {
    return new RotatingSecret(SecretReader.with(secretId, client), System::nanoTime);
  }

  public String secretId() {
    return reader.secretId();
  }

  /**
   * Calls this listener each time that AWSCURRENT has been read from Secrets Manager, with the time
   * at which that version was created.
   *
   * @param listener replaces the one before; called by the thread that has read, for which others
   *     may be waiting
   */
  public void onCurrentRead(Consumer<Instant> listener) {
    whenRead = listener;
  }

  /**
   * The version that is AWSCURRENT, read again when it is an hour old.
   *
   * @throws SecretUnreadableException if it could not be read
   */
  public SecretVersion current() {
    return version(SecretReader.CURRENT);
  }

  /**
   * The version with this staging label, read again when it is an hour old.
   *
   * @throws SecretUnreadableException if there is none, or it could not be read
   */
  public SecretVersion version(String label) {
    requireOpen();
    Deadline deadline = Deadline.in(DEFAULT_WAIT);
    HeldVersion old = held.get(label);
    HeldVersion now = old == null ? reads.now(label, deadline) : successor(label, old, deadline);
    return now.version();
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
    requireOpen();
    Search search = new Search(deadline);
    HeldVersion candidate = first(deadline);
    Exception before = null;
    while (true) {
      try {
        T result = use.with(candidate.version());
        accepted(candidate);
        return result;
      } catch (Exception e) {
        if (before != null) {
          e.addSuppressed(before);
        }
        if (!isRefusal.test(e)) {
          // Another value might mend that too, such as a wrong host.
          candidate.doubt();
          throw e;
        }
        Optional<HeldVersion> other = search.next(candidate, e);
        if (other.isEmpty()) {
          allRefused(e, search.began);
          throw e;
        }
        before = e;
        candidate = other.get();
      }
    }
  }

  /** The version to begin with. */
  private HeldVersion first(Deadline deadline) {
    throwIfRefusedLately();
    HeldVersion first = inUse != null ? inUse : held.get(SecretReader.CURRENT);
    first =
        first == null
            ? reads.now(SecretReader.CURRENT, deadline)
            : successor(SecretReader.CURRENT, first, deadline);
    inUse = first;
    return first;
  }

  private synchronized void throwIfRefusedLately() {
    if (lastRefusal != null) {
      long left = retryNanos - nanoTime.getAsLong();
      if (left > 0) {
        throw new RefusedLatelyException(secretId(), Duration.ofNanos(left), lastRefusal);
      }
    }
  }

  private void accepted(HeldVersion version) {
    version.trust();
    synchronized (this) {
      acceptedNanos = nanoTime.getAsLong();
      lastRefusal = null;
      afterRefusal.reset();
    }
  }

  /**
   * @param began when the use began: one that was accepted since then shows that not every use is
   *     refused
   */
  private synchronized void allRefused(Exception refusal, long began) {
    inUse = null;
    HeldVersion current = held.get(SecretReader.CURRENT);
    if (current != null) {
      current.doubt();
    }
    if (acceptedNanos - began < 0) {
      lastRefusal = refusal;
      retryNanos = nanoTime.getAsLong() + afterRefusal.next().toNanos();
    }
  }

  /** The way of one use from version to version. */
  private final class Search {
    private final long began = nanoTime.getAsLong();
    private final Set<String> refused = new HashSet<>();
    private final Deadline deadline;
    private SecretUnreadableException pendingHidden;
    private boolean triedOnceMore;

    Search(Deadline deadline) {
      this.deadline = deadline;
    }

    /**
     * Another version than those refused, if there is one.
     *
     * @param refusal the last one, which gets as suppressed why no other version could be found
     */
    Optional<HeldVersion> next(HeldVersion version, Exception refusal) {
      refused.add(version.version().versionId());
      Optional<HeldVersion> next = triedOnceMore ? Optional.empty() : find(refusal);
      next.ifPresent(found -> inUse = found);
      if (next.isEmpty() && pendingHidden != null) {
        refusal.addSuppressed(pendingHidden);
      }
      return next;
    }

    private Optional<HeldVersion> find(Exception refusal) {
      try {
        return
        // Another thread may have found it already.
        unlessRefused(inUse)
            .or(() -> current(began))
            .or(this::pending)
            // A rotation may finish between the reading of AWSCURRENT and that of AWSPENDING.
            .or(() -> current(nanoTime.getAsLong()))
            .or(this::previous)
            .or(this::laterCurrent)
            .or(this::currentOnceMore);
      } catch (SecretUnreadableException | OutOfTimeException e) {
        refusal.addSuppressed(e);
        return Optional.empty();
      }
    }

    private Optional<HeldVersion> current(long since) {
      return unlessRefused(reads.since(since, SecretReader.CURRENT, deadline));
    }

    private Optional<HeldVersion> pending() {
      return ifReadable(SecretReader.PENDING, e -> pendingHidden = e).flatMap(this::unlessRefused);
    }

    /** For a moment only: a replica that lags behind takes AWSCURRENT soon. */
    private Optional<HeldVersion> previous() {
      return ifReadable(SecretReader.PREVIOUS, denied -> {})
          .map(held -> new HeldVersion(held.version(), HeldVersion.DOUBTFUL_AGE, nanoTime))
          .flatMap(this::unlessRefused);
    }

    /** A version that need not be there, and that the function need not be allowed to read. */
    private Optional<HeldVersion> ifReadable(
        String label, Consumer<SecretUnreadableException> denied) {
      try {
        return Optional.of(reads.since(began, label, deadline));
      } catch (SecretUnreadableException e) {
        if (e.kind() == Kind.DENIED) {
          denied.accept(e);
        } else if (e.kind() != Kind.ABSENT) {
          throw e;
        }
        return Optional.empty();
      }
    }

    /** Where AWSPENDING may not be read, waits for the end of the rotation, if there is one. */
    private Optional<HeldVersion> laterCurrent() {
      if (pendingHidden == null) {
        return Optional.empty();
      }
      Deadline end = Deadline.in(deadline.atMost(WAIT_FOR_CURRENT));
      Backoff pauses = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
      Optional<HeldVersion> current = Optional.empty();
      while (current.isEmpty()) {
        long paused = nanoTime.getAsLong();
        if (!pause(pauses.next(), end)) {
          return Optional.empty();
        }
        current = unlessRefused(inUse).or(() -> current(paused));
      }
      return current;
    }

    /** AWSCURRENT although it was refused: that may have been for a moment. */
    private Optional<HeldVersion> currentOnceMore() {
      triedOnceMore = true;
      long paused = nanoTime.getAsLong();
      if (!pause(new Backoff(ONCE_MORE_AFTER, ONCE_MORE_AFTER).next(), deadline)) {
        return Optional.empty();
      }
      Optional<HeldVersion> found = unlessRefused(inUse);
      return found.isPresent()
          ? found
          : Optional.of(reads.since(paused, SecretReader.CURRENT, deadline));
    }

    private Optional<HeldVersion> unlessRefused(HeldVersion version) {
      return Optional.ofNullable(version)
          .filter(known -> !refused.contains(known.version().versionId()));
    }
  }

  /** Whether the pause was made: there was time for it, and nobody interrupted it. */
  private static boolean pause(Duration pause, Deadline deadline) {
    if (deadline.remaining().compareTo(pause) <= 0) {
      return false;
    }
    try {
      Thread.sleep(pause.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** What is to be used in the place of this version: itself, unless it is due. */
  private HeldVersion successor(String label, HeldVersion old, Deadline deadline) {
    if (!old.isDue()) {
      return old;
    }
    boolean tooOld = old.isOlderThan(MAX_AGE_IN_OUTAGE);
    if (!old.claim() && !tooOld) {
      return old;
    }
    try {
      return reads.now(label, tooOld ? deadline : Deadline.in(deadline.atMost(LONGEST_REFRESH)));
    } catch (OutOfTimeException e) {
      if (tooOld || deadline.remaining().isZero()) {
        throw e;
      }
      return old;
    } catch (SecretUnreadableException e) {
      if (e.kind() != Kind.PASSING || tooOld) {
        held.remove(label);
        inUse = null;
        throw e;
      }
      old.postpone(RETRY_IN_OUTAGE);
      LOG.log(
          System.Logger.Level.WARNING,
          "%s stays in use, at most until it is %d hours old: %s"
              .formatted(old.version(), MAX_AGE_IN_OUTAGE.toHours(), e.getMessage()));
      return old;
    } finally {
      old.release();
    }
  }

  /** Called by the thread that has read this. */
  private void hold(String label, HeldVersion version) {
    held.put(label, version);
    if (label.equals(SecretReader.CURRENT)) {
      version.version().created().ifPresent(whenRead);
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("The reader of secret %s is closed".formatted(secretId()));
    }
  }

  /** Forgets every value, and closes the client if it is its own; the next use begins anew. */
  synchronized void forget() {
    held.clear();
    reads.forget();
    inUse = null;
    lastRefusal = null;
    afterRefusal.reset();
    reader.close();
  }

  /** Forgets every value; the secret cannot be used any more. */
  @Override
  public void close() {
    closed = true;
    forget();
  }
}
