package io.keyturn.datasource;

import io.keyturn.datasource.SecretUnreadableException.Kind;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.OutOfTimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/** Reads a secret once for all threads that ask at the same time, without holding up others. */
final class SharedReads {
  private final SecretReader reader;
  private final LongSupplier nanoTime;
  private final BiConsumer<String, HeldVersion> whenRead;
  private final Map<String, Read> latest = new HashMap<>();

  private static final class Read {
    private final long begun;
    private final CompletableFuture<HeldVersion> result = new CompletableFuture<>();

    Read(long begun) {
      this.begun = begun;
    }
  }

  /**
   * @param nanoTime {@link System#nanoTime}, or a test's
   * @param whenRead is given the staging label and the version, by the thread that has read it
   */
  SharedReads(
      SecretReader reader, LongSupplier nanoTime, BiConsumer<String, HeldVersion> whenRead) {
    this.reader = reader;
    this.nanoTime = nanoTime;
    this.whenRead = whenRead;
  }

  /**
   * The version with this label, from a read that is under way or begins now.
   *
   * @throws SecretUnreadableException if there is none, or it could not be read
   */
  HeldVersion now(String label, Deadline deadline) {
    long instant = nanoTime.getAsLong();
    synchronized (this) {
      Read read = latest.get(label);
      if (read != null && !read.result.isDone()) {
        instant = read.begun;
      }
    }
    return since(instant, label, deadline);
  }

  /**
   * The version that had this label at this instant or later.
   *
   * @param instant of {@link System#nanoTime}
   * @throws SecretUnreadableException if there is none, or it could not be read
   */
  HeldVersion since(long instant, String label, Deadline deadline) {
    long earliest = instant;
    while (true) {
      Read read;
      boolean begins = false;
      synchronized (this) {
        read = latest.get(label);
        if (read == null || read.begun - earliest < 0) {
          begins = true;
          read = new Read(nanoTime.getAsLong());
          latest.put(label, read);
        }
      }
      if (begins) {
        return perform(read, label, deadline);
      }
      try {
        return read.result.get(
            deadline.atMost(Duration.ofHours(1)).toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException e) {
        if (!mayHaveHadLessTime(e.getCause())) {
          throw (RuntimeException) e.getCause();
        }
        earliest = read.begun + 1;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new SecretUnreadableException(
            Kind.PASSING,
            "Interrupted while version %s of secret %s was read"
                .formatted(label, reader.secretId()),
            e);
      } catch (TimeoutException e) {
        // The deadline says so at the next turn.
      }
    }
  }

  private HeldVersion perform(Read read, String label, Deadline deadline) {
    try {
      HeldVersion version =
          new HeldVersion(reader.read(label, deadline), HeldVersion.MAX_AGE, nanoTime);
      whenRead.accept(label, version);
      read.result.complete(version);
      return version;
    } catch (RuntimeException | Error e) {
      read.result.completeExceptionally(e);
      throw e;
    }
  }

  /** Whether the thread that read may have failed where this one would not. */
  private static boolean mayHaveHadLessTime(Throwable failure) {
    return failure instanceof OutOfTimeException
        || (failure instanceof SecretUnreadableException unreadable
            && unreadable.kind() == Kind.PASSING);
  }

  synchronized void forget() {
    latest.clear();
  }
}
