package io.keyturn.bench.measure;

import com.sun.net.httpserver.HttpExchange;
import io.keyturn.local.lambda.EnvironmentLauncher;
import io.keyturn.local.packaging.Tool;
import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.stack.LocalClient;
import io.keyturn.local.support.LocalClock;
import io.keyturn.local.support.LocalTls;
import io.keyturn.local.support.LoopbackServer;
import io.keyturn.local.support.RunFolder;
import io.keyturn.local.support.StartedParts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The services that measured functions call: a real PostgreSQL and the local Secrets Manager, both
 * with a latency.
 */
public final class BenchStack implements AutoCloseable {
  private static final Pattern CALLER = Pattern.compile("Credential=([^/]+)/");

  private final StartedParts parts;
  private final Optional<LocalTls> tls;
  private final EmbeddedServer postgres;
  private final LocalSecretsManager secretsManager;
  private final LoopbackServer server;
  private final DelayedPort distantSecretsManager;
  private final DelayedPort distantPostgres;
  private final SecretsManagerClient client;
  private final EnvironmentLauncher launcher;
  private final AtomicInteger names = new AtomicInteger();

  /** The clients' addresses of each caller. */
  private final Map<String, Set<InetSocketAddress>> connections = new ConcurrentHashMap<>();

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

  /**
   * Starts both services.
   *
   * @param withTls whether they have TLS, as in AWS
   */
  public static BenchStack start(boolean withTls) {
    StartedParts parts = new StartedParts("benchmark");
    return parts.start(() -> new BenchStack(parts, withTls));
  }

  private BenchStack(StartedParts parts, boolean withTls) {
    this.parts = parts;
    RunFolder folder = parts.opened(RunFolder.create());
    Path java = Path.of(System.getProperty("java.home"));
    tls =
        withTls
            ? Optional.of(
                LocalTls.create(
                    folder.folder("tls"),
                    arguments ->
                        Tool.run(folder.folder("tls"), java.resolve("bin/keytool"), arguments),
                    java.resolve("lib/security/cacerts")))
            : Optional.empty();
    Map<String, String> settings = new HashMap<>(Map.of("log_connections", "on"));
    tls.map(LocalTls::postgresSettings).ifPresent(settings::putAll);
    postgres = parts.opened(EmbeddedServer.start(folder.folder("postgres"), settings));
    secretsManager =
        parts.opened(
            new LocalSecretsManager(
                LocalClock.realTime(),
                new CurrentFunctions(),
                // A second attempt would hide a failure.
                new RotationRetries(1, Duration.ZERO)));
    server = parts.opened(LoopbackServer.start(0, tls.map(LocalTls::server)));
    server.route("/", this::answer);
    distantSecretsManager =
        parts.opened(new DelayedPort(server.endpoint().getPort(), () -> latency));
    distantPostgres = parts.opened(new DelayedPort(postgres.port(), () -> latency));
    client = parts.opened(LocalClient.of(server.endpoint(), tls));
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

  /** Has each answer of both services arrive later by this time. */
  public void latency(Duration value) {
    latency = value;
  }

  /** Environment variables with which a function trusts the services. */
  public Map<String, String> trust() {
    return tls.map(
            given ->
                Map.of(
                    "JAVA_TOOL_OPTIONS",
                    given.trustProperties().entrySet().stream()
                        .map(
                            property -> "-D%s=%s".formatted(property.getKey(), property.getValue()))
                        .collect(Collectors.joining(" ")),
                    // Of the AWS SDK for Python, which has as many authorities of its own.
                    "AWS_CA_BUNDLE",
                    given.authoritiesFile().toString()))
        .orElse(Map.of());
  }

  /** How many connections to Secrets Manager a caller has made; with TLS each is a handshake. */
  public int connections(String accessKeyId) {
    return connections.getOrDefault(accessKeyId, Set.of()).size();
  }

  private void answer(HttpExchange exchange) throws IOException {
    Matcher caller =
        CALLER.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    if (caller.find()) {
      connections
          .computeIfAbsent(caller.group(1), key -> ConcurrentHashMap.newKeySet())
          .add(exchange.getRemoteAddress());
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

  /** The server as functions reach it. */
  public PostgresServer distantPostgres() {
    return new DistantServer(postgres, distantPostgres.port());
  }

  /** The address at which functions reach Secrets Manager. */
  public URI endpoint() {
    URI direct = server.endpoint();
    return URI.create(
        "%s://%s:%d".formatted(direct.getScheme(), direct.getHost(), distantSecretsManager.port()));
  }

  public EnvironmentLauncher launcher() {
    return launcher;
  }

  @Override
  public void close() {
    parts.close();
  }
}
