package io.keyturn.bench.measure;

import com.sun.net.httpserver.HttpExchange;
import io.keyturn.local.lambda.EnvironmentLauncher;
import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.stack.LocalClient;
import io.keyturn.local.support.LocalClock;
import io.keyturn.local.support.LoopbackServer;
import io.keyturn.local.support.RunFolder;
import io.keyturn.local.support.StartedParts;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The services that measured functions call: a real PostgreSQL, and the local Secrets Manager with
 * a configurable latency.
 */
public final class BenchStack implements AutoCloseable {
  private final StartedParts parts;
  private final EmbeddedServer postgres;
  private final LocalSecretsManager secretsManager;
  private final LoopbackServer server;
  private final SecretsManagerClient client;
  private final EnvironmentLauncher launcher;
  private final AtomicInteger names = new AtomicInteger();
  private volatile Duration latency = Duration.ZERO;
  private volatile Optional<FunctionInvoker> functions = Optional.empty();

  /** The functions of the current benchmark. */
  private final class CurrentFunctions implements FunctionInvoker {
    @Override
    public boolean exists(String functionArn) {
      return functions.filter(current -> current.exists(functionArn)).isPresent();
    }

    @Override
    public Optional<String> invoke(String functionArn, byte[] event) {
      return functions.orElseThrow().invoke(functionArn, event);
    }
  }

  public static BenchStack start() {
    StartedParts parts = new StartedParts("benchmark");
    return parts.start(() -> new BenchStack(parts));
  }

  private BenchStack(StartedParts parts) {
    this.parts = parts;
    RunFolder folder = parts.opened(RunFolder.create());
    postgres =
        parts.opened(
            EmbeddedServer.start(folder.folder("postgres"), Map.of("log_connections", "on")));
    secretsManager =
        parts.opened(
            new LocalSecretsManager(
                LocalClock.realTime(),
                new CurrentFunctions(),
                // A second attempt would hide a failure.
                new RotationRetries(1, Duration.ZERO)));
    server = parts.opened(LoopbackServer.start(0));
    server.route("/", this::answer);
    client = parts.opened(LocalClient.of(server.endpoint()));
    launcher = parts.opened(new EnvironmentLauncher(folder.folder("lambda")));
  }

  /** Sets the functions that rotations call. */
  public void functions(FunctionInvoker value) {
    functions = Optional.of(value);
  }

  /** Returns a new name of lower-case letters, digits and _. */
  public String newName(String prefix) {
    return prefix + "_" + names.incrementAndGet();
  }

  /** Delays each answer of Secrets Manager by this time, independently of the others. */
  public void latency(Duration value) {
    latency = value;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try {
      Thread.sleep(latency.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.close();
      return;
    }
    secretsManager.httpHandler().handle(exchange);
  }

  public EmbeddedServer postgres() {
    return postgres;
  }

  public LocalSecretsManager secretsManager() {
    return secretsManager;
  }

  public SecretsManagerClient client() {
    return client;
  }

  public URI endpoint() {
    return server.endpoint();
  }

  public EnvironmentLauncher launcher() {
    return launcher;
  }

  @Override
  public void close() {
    parts.close();
  }
}
