package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.stack.LocalClient;
import io.keyturn.local.support.LoopbackServer;
import io.keyturn.postgres.Deadline;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** How many connections to Secrets Manager the reading of a secret takes. */
class SecretReaderTest {
  private static final byte[] ANSWER =
      "{\"VersionId\":\"48d3ecd4-8f9c-4a27-8aa4-5ee13c1ae5b3\",\"SecretString\":\"{}\"}"
          .getBytes(StandardCharsets.UTF_8);

  private final Set<InetSocketAddress> connections = ConcurrentHashMap.newKeySet();
  private LoopbackServer service;
  private SecretsManagerClient client;

  @BeforeEach
  void start() {
    service = LoopbackServer.start(0);
    service.route(
        "/",
        exchange -> {
          connections.add(exchange.getRemoteAddress());
          exchange.sendResponseHeaders(200, ANSWER.length);
          exchange.getResponseBody().write(ANSWER);
          exchange.close();
        });
    client = LocalClient.of(service.endpoint());
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  private static void readTwice(SecretReader reader) {
    reader.read("AWSCURRENT", Deadline.in(Duration.ofMinutes(1)));
    reader.read("AWSPENDING", Deadline.in(Duration.ofMinutes(1)));
  }

  @Test
  void keepsItsConnectionWhereNoSnapshotWillBeMade() {
    readTwice(SecretReader.with("app", client, false));

    assertThat(connections).hasSize(1);
  }

  @Test
  void closesItsConnectionBeforeASnapshotAndKeepsItAfterwards() {
    SecretReader reader = SecretReader.with("app", client, true);

    readTwice(reader);
    assertThat(connections).hasSize(2);

    reader.restored();
    readTwice(reader);
    assertThat(connections).hasSize(3);
  }
}
