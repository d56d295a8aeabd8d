package io.keyturn.testing;

import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.rotation.FunctionInvoker;
import io.keyturn.local.support.LocalClock;
import io.keyturn.local.support.LoopbackServer;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;

/**
 * A local Secrets Manager for one test, and clients of it.
 *
 * <p>Its rotations stop where the first step begins, so that a test takes the steps itself, in any
 * order and as often as it likes.
 */
public final class TestSecretsManager implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);
  private final LocalSecretsManager service;
  private final LoopbackServer server = LoopbackServer.start(0);
  private final SecretsManagerClient client;
  private final SecretsManagerClient functionClient;

  public TestSecretsManager() {
    service = new LocalSecretsManager(LocalClock.realTime(), new Waiting(closed));
    ServiceCalls.of(service);
    server.route("/", service.httpHandler());
    // Not the function's credentials: what the test itself calls is not the function's doing.
    client =
        builder()
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("tester", "tester")))
            .build();
    functionClient = builder().build();
  }

  private SecretsManagerClientBuilder builder() {
    return SecretsManagerClient.builder()
        .endpointOverride(endpoint())
        .region(Region.US_EAST_1)
        .httpClientBuilder(UrlConnectionHttpClient.builder());
  }

  public URI endpoint() {
    return server.endpoint();
  }

  public LocalSecretsManager service() {
    return service;
  }

  /** The test's own client. */
  public SecretsManagerClient client() {
    return client;
  }

  /** A client for the function under test, with the credentials that the build gives it. */
  public SecretsManagerClient functionClient() {
    return functionClient;
  }

  /** Creates a secret of this value and returns its ARN. */
  public String createSecret(String value) {
    return client.createSecret(r -> r.name("test-" + UUID.randomUUID()).secretString(value)).arn();
  }

  /** Starts a rotation, and returns the id of the version it stages AWSPENDING. */
  public String startRotation(String secretId) {
    return client
        .rotateSecret(
            r ->
                r.secretId(secretId)
                    .rotationLambdaARN("arn:aws:lambda:us-east-1:000000000000:function:test")
                    .rotationRules(rules -> rules.automaticallyAfterDays(30L)))
        .versionId();
  }

  /** Gives the secret a new current value. */
  public void put(String secretId, String value) {
    client.putSecretValue(r -> r.secretId(secretId).secretString(value));
  }

  /** What createSecret does: gives the version that a rotation has staged its value. */
  public void putPending(String secretId, String versionId, String value) {
    client.putSecretValue(
        r ->
            r.secretId(secretId)
                .clientRequestToken(versionId)
                .versionStages("AWSPENDING")
                .secretString(value));
  }

  /** What finishSecret does. */
  public void makeCurrent(String secretId, String versionId) {
    String former =
        labels(secretId).entrySet().stream()
            .filter(version -> version.getValue().contains("AWSCURRENT"))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElseThrow();
    client.updateSecretVersionStage(
        r ->
            r.secretId(secretId)
                .versionStage("AWSCURRENT")
                .moveToVersionId(versionId)
                .removeFromVersionId(former));
  }

  /** The secret's value under this staging label. */
  public String value(String secretId, String label) {
    return client.getSecretValue(r -> r.secretId(secretId).versionStage(label)).secretString();
  }

  /** The staging labels of each version. */
  public Map<String, List<String>> labels(String secretId) {
    return client.describeSecret(r -> r.secretId(secretId)).versionIdsToStages();
  }

  @Override
  public void close() {
    closed.countDown();
    client.close();
    functionClient.close();
    server.close();
    service.close();
  }

  /** A function that takes until the test's end. */
  private record Waiting(CountDownLatch closed) implements FunctionInvoker {
    @Override
    public boolean exists(String functionArn) {
      return true;
    }

    @Override
    public Optional<String> invoke(String functionArn, byte[] event) {
      try {
        closed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return Optional.of("The test is over");
    }
  }
}
