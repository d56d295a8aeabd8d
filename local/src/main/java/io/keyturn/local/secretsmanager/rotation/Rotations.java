package io.keyturn.local.secretsmanager.rotation;

import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import io.keyturn.local.secretsmanager.store.Versions;
import io.keyturn.local.support.LocalClock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The running rotations. A secret has at most one at a time, and rotations of different secrets run
 * in parallel. All methods that take a secret are called under the store's lock.
 */
public final class Rotations implements AutoCloseable {
  private final SecretStore store;
  private final FunctionInvoker functions;
  private final RotationRetries retries;
  private final RotationScheduler scheduler;
  private final RotationListeners listeners = new RotationListeners();
  private final Map<String, Rotation> running = new HashMap<>();
  private final ExecutorService threads;

  public Rotations(
      SecretStore store, LocalClock clock, FunctionInvoker functions, RotationRetries retries) {
    this.store = store;
    this.functions = functions;
    this.retries = retries;
    this.scheduler = new RotationScheduler(clock, this::fire);
    this.threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "rotation");
              thread.setDaemon(true);
              return thread;
            });
  }

  public void addListener(RotationListener listener) {
    listeners.add(listener);
  }

  RotationListeners listeners() {
    return listeners;
  }

  RotationRetries retries() {
    return retries;
  }

  <T> T locked(Supplier<T> work) {
    return store.locked(work);
  }

  boolean exists(Secret secret) {
    return store.find(secret.arn()).filter(found -> found == secret).isPresent()
        && secret.deletion().isEmpty();
  }

  public boolean isRunning(Secret secret) {
    return running.containsKey(secret.arn());
  }

  public boolean canInvoke(String functionArn) {
    return functions.exists(functionArn);
  }

  /** Stages a version without a value, which is how a rotation starts. */
  public SecretVersion stage(Secret secret, String versionId) {
    SecretVersion version = secret.versions().add(versionId, store.now());
    secret.versions().move(Versions.PENDING, version);
    return version;
  }

  /** Rotates to a staged version, or repeats the rotation to it. */
  public void start(Secret secret, String versionId) {
    Rotation active = running.get(secret.arn());
    if (active == null) {
      run(secret, versionId, false);
    } else if (active.versionId().equals(versionId)) {
      active.askAgain();
    } else {
      active.follow(versionId);
    }
  }

  /** Runs only testSecret, with a pending version that is removed when the test ends. */
  public void test(Secret secret, String versionId) {
    if (!isRunning(secret)) {
      SecretVersion version = stage(secret, versionId);
      secret
          .versions()
          .labelled(Versions.CURRENT)
          .flatMap(SecretVersion::value)
          .ifPresent(version::fill);
      run(secret, versionId, true);
    }
  }

  private void run(Secret secret, String versionId, boolean testOnly) {
    Rotation rotation = new Rotation(this, functions, secret, versionId, testOnly);
    running.put(secret.arn(), rotation);
    threads.execute(rotation);
  }

  public void cancel(Secret secret) {
    Rotation active = running.get(secret.arn());
    if (active != null) {
      active.cancel();
    }
    plan(secret);
  }

  /** Replaces the timer for the secret's next rotation. */
  public void plan(Secret secret) {
    scheduler.set(secret.arn(), secret.rotation().due());
  }

  private void fire(String arn) {
    locked(
        () -> {
          store.find(arn).filter(this::exists).ifPresent(this::rotateIfDue);
          return null;
        });
  }

  private void rotateIfDue(Secret secret) {
    boolean closed = threads.isShutdown();
    if (closed || secret.rotation().due().isEmpty() || !secret.rotation().isEnabled()) {
      return;
    }
    if (secret.rotation().due().get().isAfter(store.now())) {
      plan(secret);
      return;
    }
    SecretVersion version =
        secret.versions().unfinished().orElseGet(() -> stage(secret, UUID.randomUUID().toString()));
    start(secret, version.id());
  }

  /** Ends a rotation after an attempt, and returns false, unless it is to be repeated. */
  boolean endOrRepeat(Rotation rotation, boolean succeeded) {
    return locked(
        () -> {
          if (!succeeded && !threads.isShutdown() && rotation.repeats(retries)) {
            return true;
          }
          Secret secret = rotation.secret();
          running.remove(secret.arn());
          record(rotation, succeeded);
          plan(secret);
          Optional<String> successor = rotation.successor().filter(id -> !threads.isShutdown());
          successor.ifPresent(versionId -> run(secret, versionId, false));
          return false;
        });
  }

  private void record(Rotation rotation, boolean succeeded) {
    Secret secret = rotation.secret();
    if (rotation.isTestOnly()) {
      secret.versions().remove(rotation.versionId());
    } else if (succeeded) {
      // LastChangedDate stays that of finishSecret's move of the label.
      secret.rotation().succeeded(store.now());
      secret.versions().prune(store.now());
    } else {
      secret.rotation().failed(store.now());
    }
  }

  @Override
  public void close() {
    // Under the lock, so that no timer fires while the threads are being stopped.
    locked(
        () -> {
          scheduler.close();
          return threads.shutdownNow();
        });
  }
}
