package io.keyturn.local.stack;

import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.support.LocalTls;
import io.keyturn.local.support.RunFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The settings of a {@link LocalStack}. */
public final class LocalStackBuilder {
  final Path template;
  final Map<String, String> environment = new HashMap<>();
  final Map<String, String> queryEnvironment = new HashMap<>();
  boolean writesAllowed;
  Function<RunFolder, PostgresServer> postgres =
      folder -> EmbeddedServer.start(folder.folder("postgres"), Map.of());
  LogSink logs = LogSink.discard();
  Strategy strategy = Strategy.ALTERNATING;
  Optional<Duration> schedulePeriod = Optional.empty();
  RotationRetries rotationRetries = RotationRetries.DEFAULT;
  boolean userExists = true;
  int secrets = 1;
  int port;
  Optional<LocalTls> tls = Optional.empty();

  LocalStackBuilder(Path template) {
    this.template = template;
  }

  /** Turns on TLS for the AWS endpoint and for the embedded PostgreSQL. */
  public LocalStackBuilder tls(LocalTls value) {
    tls = Optional.of(value);
    postgres = folder -> EmbeddedServer.start(folder.folder("postgres"), value.postgresSettings());
    return this;
  }

  /** Uses a running server instead of an embedded one. */
  public LocalStackBuilder postgres(PostgresServer server) {
    postgres = folder -> server;
    return this;
  }

  /** Sets the receiver of the functions' log lines. By default they are discarded. */
  public LocalStackBuilder logs(LogSink sink) {
    logs = sink;
    return this;
  }

  public LocalStackBuilder strategy(Strategy value) {
    strategy = value;
    return this;
  }

  /** Speeds the local clock up so that the period of the template's schedule takes this time. */
  public LocalStackBuilder schedulePeriod(Duration real) {
    schedulePeriod = Optional.of(real);
    return this;
  }

  /** Sets how often and how soon a failed rotation is tried again. */
  public LocalStackBuilder rotationRetries(RotationRetries value) {
    rotationRetries = value;
    return this;
  }

  /** Adds an environment variable to both functions. */
  public LocalStackBuilder environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public LocalStackBuilder newConnectionForEachQuery() {
    queryEnvironment.put("CONNECTION_MAX_AGE_SECONDS", "0");
    return this;
  }

  /** Allows the query function to write, and its user to create tables in the schema public. */
  public LocalStackBuilder allowWrites() {
    queryEnvironment.put("ALLOW_WRITES", "true");
    writesAllowed = true;
    return this;
  }

  /** Lets the first rotation create the user, as after a deployment. */
  public LocalStackBuilder withoutUser() {
    userExists = false;
    return this;
  }

  /** Sets the number of secrets to rotate, each with its own user. */
  public LocalStackBuilder secrets(int value) {
    secrets = value;
    return this;
  }

  /** Sets the port of the AWS endpoint. The default, 0, chooses a free one. */
  public LocalStackBuilder port(int value) {
    port = value;
    return this;
  }

  public LocalStack start() {
    return LocalStack.start(this);
  }
}
