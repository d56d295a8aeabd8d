package io.keyturn.bench;

import com.sun.net.httpserver.HttpExchange;
import io.keyturn.local.LocalClock;
import io.keyturn.local.RunFolder;
import io.keyturn.local.http.LoopbackServer;
import io.keyturn.local.lambda.EnvironmentLauncher;
import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.secretsmanager.FunctionInvoker;
import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.RotationRetries;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * What measured functions talk to: a real PostgreSQL, and the local Secrets Manager with a latency
 * to choose.
 */
public final class BenchStack implements AutoCloseable {
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final RunFolder folder;
  private final EmbeddedServer postgres;
  private final LocalSecretsManager secretsManager;
  private final LoopbackServer server;
  private final SecretsManagerClient client;
  private final EnvironmentLauncher launcher;
  private final Thread atExit = new Thread(this::closeAll, "close-bench-stack");
  private final AtomicInteger names = new AtomicInteger();
  private volatile Duration latency = Duration.ZERO;
  private volatile Optional<FunctionInvoker> functions = Optional.empty();

  /** Those of the benchmark that runs. */
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

  public BenchStack() {
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      folder = opened(RunFolder.create());
      postgres =
          opened(EmbeddedServer.start(folder.folder("postgres"), Map.of("log_connections", "on")));
      secretsManager =
          opened(
              new LocalSecretsManager(
                  LocalClock.realTime(),
                  new CurrentFunctions(),
                  // A second attempt would hide what failed.
                  new RotationRetries(1, Duration.ZERO)));
      server = opened(LoopbackServer.start(0));
      server.route("/", this::answer);
      client = opened(client(server.endpoint()));
      launcher = opened(new EnvironmentLauncher(folder.folder("lambda")));
    } catch (RuntimeException e) {
      try {
        close();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  /** What rotations call from now on. */
  public void functions(FunctionInvoker value) {
    functions = Optional.of(value);
  }

  /** A name that nothing of this stack has: of lower-case letters, digits and _. */
  public String newName(String prefix) {
    return prefix + "_" + names.incrementAndGet();
  }

  /** Holds back each answer of Secrets Manager for this long from now on, each on its own. */
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
    closeAll();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is shutting down, and the hook runs or has run.
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    synchronized (started) {
      started.push(part);
    }
    return part;
  }

  private void closeAll() {
    RuntimeException failure = null;
    synchronized (started) {
      while (!started.isEmpty()) {
        try {
          started.pop().close();
        } catch (Exception e) {
          if (failure == null) {
            failure = new IllegalStateException("The benchmark could not be ended cleanly");
          }
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private static SecretsManagerClient client(URI endpoint) {
    return SecretsManagerClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalSecretsManager.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("bench", "bench")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }
}
