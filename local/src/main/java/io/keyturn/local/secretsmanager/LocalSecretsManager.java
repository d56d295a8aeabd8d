package io.keyturn.local.secretsmanager;

import com.sun.net.httpserver.HttpHandler;
import io.keyturn.local.permissions.Authorizer;
import io.keyturn.local.permissions.Policy;
import io.keyturn.local.secretsmanager.api.Faults;
import io.keyturn.local.secretsmanager.api.JsonProtocol;
import io.keyturn.local.secretsmanager.api.Operations;
import io.keyturn.local.secretsmanager.api.Permissions;
import io.keyturn.local.secretsmanager.api.PolicyOperations;
import io.keyturn.local.secretsmanager.api.RequestLog;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.secretsmanager.rotation.Rotations;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.support.LocalClock;
import java.util.Optional;

/**
 * A Secrets Manager in the memory of this process, for unchanged AWS SDKs and the CLI. It has
 * secrets with versions and labels, and rotations that call a function on a schedule.
 */
public final class LocalSecretsManager implements AutoCloseable {
  private final Faults faults = new Faults();
  private final RequestLog requests = new RequestLog();
  private final SecretStore store;
  private final Rotations rotations;
  private final HttpHandler handler;

  public LocalSecretsManager(LocalClock clock, FunctionInvoker functions) {
    this(clock, functions, RotationRetries.DEFAULT);
  }

  public LocalSecretsManager(LocalClock clock, FunctionInvoker functions, RotationRetries retries) {
    this(clock, functions, retries, Authorizer.ALLOW_ALL);
  }

  public LocalSecretsManager(
      LocalClock clock, FunctionInvoker functions, RotationRetries retries, Authorizer authorizer) {
    this.store = new SecretStore(clock);
    this.rotations = new Rotations(store, clock, functions, retries);
    this.handler =
        new JsonProtocol(
            new Operations(store, rotations),
            new Permissions(store, faults.denying(authorizer)),
            faults,
            requests);
  }

  /** Returns the handler of the service's API, for the path "/". */
  public HttpHandler httpHandler() {
    return handler;
  }

  public void addRotationListener(RotationListener listener) {
    rotations.addListener(listener);
  }

  /** Whether a rotation of the secret, or a test of one, runs or waits for its next attempt. */
  public boolean isRotating(String secretId) {
    return store.locked(() -> store.find(secretId).filter(rotations::isRunning).isPresent());
  }

  /** Whether rotation of the secret was ever configured; nothing if there is no such secret. */
  public Optional<Boolean> isRotated(String secretId) {
    return store.locked(
        () -> store.find(secretId).map(secret -> secret.rotation().functionArn().isPresent()));
  }

  /** What PutResourcePolicy attached to a secret. */
  public Optional<Policy> resourcePolicy(String secretId) {
    return store
        .locked(() -> store.find(secretId).flatMap(Secret::policy))
        .map(PolicyOperations::enforced);
  }

  public RequestLog requests() {
    return requests;
  }

  public Faults faults() {
    return faults;
  }

  /** Stops the schedules and the rotations that run. */
  @Override
  public void close() {
    rotations.close();
  }
}
