package io.keyturn.aws;

import io.keyturn.postgres.Deadline;
import java.time.Duration;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** The HTTP client, the retries and the time limits of a function's calls to AWS services. */
public final class AwsCalls {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ATTEMPT = Duration.ofSeconds(5);

  /** Long enough for a burst of throttling or of server errors to pass. */
  private static final Duration CALL = Duration.ofSeconds(20);

  /**
   * More than the SDK's three: with its pauses of up to 1, 2, 4 and 8 s between them when
   * throttled, five fill the time above.
   */
  private static final int ATTEMPTS = 5;

  private AwsCalls() {}

  /** Configures the builder of a client. */
  public static <B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>, C> B configure(
      B builder) {
    return builder
        .httpClient(
            new BackgroundHttpClient(
                // The limit of an attempt does not interrupt a blocked read. The limit of the
                // socket does.
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT)
                    .socketTimeout(ATTEMPT)))
        .overrideConfiguration(
            c ->
                c.retryStrategy(
                    AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(ATTEMPTS)
                        .build()));
  }

  /** Limits one call to the usual time, or to what is left until the deadline if that is less. */
  public static Consumer<AwsRequestOverrideConfiguration.Builder> within(Deadline deadline) {
    return request ->
        request
            .apiCallTimeout(deadline.atMost(CALL))
            .apiCallAttemptTimeout(deadline.atMost(ATTEMPT));
  }
}
