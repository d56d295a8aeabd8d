package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.stack.LocalClient;
import io.keyturn.postgres.Deadline;
import io.keyturn.testing.OneAnswerService;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** How many connections to Secrets Manager the reading of a secret takes. */
class SecretReaderTest {
  private OneAnswerService service;
  private SecretsManagerClient client;

  @BeforeEach
  void start() {
    service =
        new OneAnswerService(
            200,
            "{\"VersionId\":\"48d3ecd4-8f9c-4a27-8aa4-5ee13c1ae5b3\",\"SecretString\":\"{}\"}");
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

    assertThat(service.connections()).isEqualTo(1);
  }

  @Test
  void closesItsConnectionBeforeASnapshotAndKeepsItAfterwards() {
    SecretReader reader = SecretReader.with("app", client, true);

    readTwice(reader);
    assertThat(service.connections()).isEqualTo(2);

    reader.restored();
    readTwice(reader);
    assertThat(service.connections()).isEqualTo(3);
  }
}
