package io.keyturn.datasource;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Makes the client of Secrets Manager that is used where the caller brings none. */
final class ServiceClient {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** Two more than the SDK's own, so that a burst of throttling passes. */
  private static final int ATTEMPTS = 5;

  private ServiceClient() {}

  static SecretsManagerClient create() {
    return SecretsManagerClient.builder()
        .httpClientBuilder(
            // An attempt's own limit does not end a read that waits: the socket's does.
            UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(ANSWER))
        // The SDK's default would be one for the whole JVM, which keeps its AWS credentials when
        // the client is closed before a snapshot.
        .credentialsProvider(DefaultCredentialsProvider.builder().build())
        .overrideConfiguration(
            c ->
                c.retryStrategy(
                    AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(ATTEMPTS)
                        .build()))
        .build();
  }
}
