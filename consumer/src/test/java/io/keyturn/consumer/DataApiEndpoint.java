package io.keyturn.consumer;

import io.keyturn.local.lambda.DataApi;
import io.keyturn.local.support.LoopbackServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;

/** The local stack's Data API over HTTP before the function, and the SDK's client of it. */
final class DataApiEndpoint implements AutoCloseable {
  private final LoopbackServer server = LoopbackServer.start(0);
  final RdsDataClient client;

  DataApiEndpoint(QueriedDatabase database) {
    server.route("/", new DataApi(event -> invoke(database, event)));
    client =
        RdsDataClient.builder()
            .endpointOverride(server.endpoint())
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .overrideConfiguration(c -> c.retryStrategy(r -> r.maxAttempts(1)))
            .build();
  }

  /** As Lambda does. */
  private static DataApi.Outcome invoke(QueriedDatabase database, byte[] event) throws IOException {
    try {
      return new DataApi.Outcome(false, database.answer(new String(event, StandardCharsets.UTF_8)));
    } catch (QueryException e) {
      return new DataApi.Outcome(
          true,
          QueriedDatabase.JSON
              .createObjectNode()
              .put("errorType", e.getClass().getName())
              .put("errorMessage", e.getMessage())
              .toString());
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
