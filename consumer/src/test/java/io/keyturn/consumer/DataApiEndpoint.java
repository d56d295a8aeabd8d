package io.keyturn.consumer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.local.http.LoopbackServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;

/**
 * The Data API's HTTP endpoint before the function, for its client as it is: what the client sends
 * is the function's event, what the function answers is the response.
 */
final class DataApiEndpoint implements AutoCloseable {
  private final QueriedDatabase database;
  private final LoopbackServer server = LoopbackServer.start(0);
  final RdsDataClient client;

  DataApiEndpoint(QueriedDatabase database) {
    this.database = database;
    server.route("/", this::handle);
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

  private void handle(HttpExchange exchange) throws IOException {
    String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (exchange.getRequestURI().getPath().equals("/BatchExecute")) {
      // Only the path tells a batch of nothing from a single execution.
      ObjectNode batch = (ObjectNode) QueriedDatabase.JSON.readTree(request);
      batch.withArray("parameterSets");
      request = batch.toString();
    }
    try {
      answer(exchange, 200, database.answer(request));
    } catch (QueryException e) {
      exchange.getResponseHeaders().add("x-amzn-ErrorType", e.getClass().getSimpleName());
      String body =
          QueriedDatabase.JSON.createObjectNode().put("message", e.getMessage()).toString();
      answer(exchange, e instanceof DatabaseUnavailableException ? 504 : 400, body);
    }
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
