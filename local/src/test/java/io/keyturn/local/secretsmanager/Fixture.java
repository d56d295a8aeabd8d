package io.keyturn.local.secretsmanager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.keyturn.local.permissions.Authorizer;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.support.LocalClock;
import io.keyturn.local.support.LoopbackServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.Filter;
import software.amazon.awssdk.services.secretsmanager.model.SecretsManagerException;

/** A local Secrets Manager on a free port, and the AWS SDK's own client of it. */
public final class Fixture implements AutoCloseable {
  static final String FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:rotator";

  static {
    // What is waited for here takes milliseconds.
    Awaitility.setDefaultPollInterval(Duration.ofMillis(10));
    Awaitility.setDefaultPollDelay(Duration.ZERO);
  }

  final TestFunction function;
  final LocalSecretsManager manager;
  public final SecretsManagerClient client;
  final Queue<RotationReport> rotations = new ConcurrentLinkedQueue<>();
  final Queue<RotationStepReport> steps = new ConcurrentLinkedQueue<>();
  private final LoopbackServer server;

  Fixture() {
    this(LocalClock.realTime());
  }

  Fixture(LocalClock clock) {
    this(clock, new RotationRetries(3, Duration.ofMillis(20)));
  }

  Fixture(LocalClock clock, RotationRetries retries) {
    this(clock, retries, Authorizer.ALLOW_ALL);
  }

  Fixture(LocalClock clock, RotationRetries retries, Authorizer authorizer) {
    server = LoopbackServer.start(0);
    client = client(AwsRetryStrategy.doNotRetry());
    function = new TestFunction(client);
    manager = new LocalSecretsManager(clock, function, retries, authorizer);
    manager.addRotationListener(
        new RotationListener() {
          @Override
          public void stepFinished(RotationStepReport report) {
            steps.add(report);
          }

          @Override
          public void rotationFinished(RotationReport report) {
            rotations.add(report);
          }
        });
    server.route("/", manager.httpHandler());
  }

  SecretsManagerClient client(RetryStrategy retries) {
    return SecretsManagerClient.builder()
        .endpointOverride(server.endpoint())
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .overrideConfiguration(o -> o.retryStrategy(retries))
        .build();
  }

  static String token() {
    return UUID.randomUUID().toString();
  }

  /** Creates a secret with a value and returns the id of its version. */
  public String create(String name, String value) {
    return client.createSecret(r -> r.name(name).secretString(value)).versionId();
  }

  String put(String name, String value, String... labels) {
    return client
        .putSecretValue(
            r -> {
              r.secretId(name).secretString(value);
              if (labels.length > 0) {
                r.versionStages(labels);
              }
            })
        .versionId();
  }

  String value(String name) {
    return client.getSecretValue(r -> r.secretId(name)).secretString();
  }

  String value(String name, String label) {
    return client.getSecretValue(r -> r.secretId(name).versionStage(label)).secretString();
  }

  Map<String, List<String>> labels(String name) {
    return client.describeSecret(r -> r.secretId(name)).versionIdsToStages();
  }

  /** A filter as the SDK's own builder methods take it, without their generic varargs. */
  static Filter filter(String key, String... values) {
    return Filter.builder().key(key).values(values).build();
  }

  HttpResponse<String> send(String target, String body) {
    try {
      return HttpClient.newHttpClient()
          .send(
              HttpRequest.newBuilder(server.endpoint())
                  .header("X-Amz-Target", target)
                  .header("Content-Type", "application/x-amz-json-1.1")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public static void assertError(String type, String message, ThrowingCallable call) {
    SecretsManagerException error = catchThrowableOfType(SecretsManagerException.class, call);
    assertThat(error).as("an error " + type).isNotNull();
    assertThat(error.awsErrorDetails().errorCode()).isEqualTo(type);
    assertThat(error.awsErrorDetails().errorMessage()).isEqualTo(message);
    assertThat(error.statusCode()).isEqualTo(400);
  }

  @Override
  public void close() {
    manager.close();
    client.close();
    server.close();
  }
}
