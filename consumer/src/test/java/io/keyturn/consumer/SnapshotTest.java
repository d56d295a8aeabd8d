package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.support.LoopbackServer;
import io.keyturn.testing.TestSql;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a snapshot of the function holds, and how a restored function goes on. */
@Tag("slow")
class SnapshotTest {
  @TempDir Path folder;

  /** The session token that Lambda's credentials endpoint gives. */
  private final String token = UUID.randomUUID().toString();

  private final LoopbackServer credentials = LoopbackServer.start(0);
  private QueriedDatabase database;
  private Process function;

  /** What the function has printed beside its answers. */
  private final List<String> metrics = new ArrayList<>();

  private BufferedReader answers;
  private PrintStream orders;

  @BeforeEach
  void start() throws Exception {
    credentials.route("/credentials", exchange -> answerWithToken(exchange));
    database = new QueriedDatabase();
    ProcessBuilder process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // Where Lambda's runtime keeps its hooks, whose client is on this class path too.
                "-Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                SnapshotMain.class.getName())
            .redirectError(folder.resolve("errors").toFile());
    process.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
    process
        .environment()
        .putAll(
            Map.of(
                "SECRET_ID",
                database.arn,
                "METRIC_NAMESPACE",
                "Test",
                "AWS_REGION",
                "us-east-1",
                "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                database.secretsManager.endpoint().toString(),
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                credentials.endpoint() + "/credentials"));
    function = process.start();
    answers = function.inputReader(StandardCharsets.UTF_8);
    orders = new PrintStream(function.getOutputStream(), true, StandardCharsets.UTF_8);
    assertThat(answers.readLine()).isEqualTo("started");
  }

  @AfterEach
  void end() throws Exception {
    orders.close();
    assertThat(function.waitFor(30, TimeUnit.SECONDS)).isTrue();
    database.close();
    credentials.close();
  }

  private void answerWithToken(com.sun.net.httpserver.HttpExchange exchange) throws IOException {
    byte[] body =
        """
        {"AccessKeyId":"test","SecretAccessKey":"test","Token":"%s","Expiration":"%s"}"""
            .formatted(token, Instant.now().plus(6, ChronoUnit.HOURS))
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private String tell(String order) throws IOException {
    orders.println(order);
    String answer = answers.readLine();
    while (answer != null && answer.contains("CredentialAge")) {
      metrics.add(answer);
      answer = answers.readLine();
    }
    if (answer == null) {
      throw new AssertionError(order + ": " + Files.readString(folder.resolve("errors")));
    }
    return answer;
  }

  /** What is in memory, once everything that nobody holds any more is gone. */
  private byte[] memory(String name) throws IOException {
    Path dump = folder.resolve(name + ".hprof");
    assertThat(tell("dump " + dump)).isEqualTo("done");
    return Files.readAllBytes(dump);
  }

  private static boolean holds(byte[] memory, String text) {
    return new String(memory, StandardCharsets.ISO_8859_1).contains(text);
  }

  private long connections() {
    try (Connection superuser = database.database.superuser()) {
      return TestSql.rows(
              superuser, "SELECT 1 FROM pg_stat_activity WHERE usename = ?", database.role.name())
          .size();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void holdsNoPasswordTokenOrConnection() throws Exception {
    assertThat(tell("checkpoint")).isEqualTo("done");

    byte[] snapshot = memory("snapshot");
    assertThat(holds(snapshot, database.role.password())).isFalse();
    assertThat(holds(snapshot, token)).isFalse();
    await().until(() -> connections() == 0);

    assertThat(tell("restore")).isEqualTo("done");
    assertThat(tell("query")).contains("longValue");
    byte[] later = memory("later");
    assertThat(holds(later, database.role.password())).as("the search finds it").isTrue();
    assertThat(holds(later, token)).as("the search finds it").isTrue();
    assertThat(connections()).isEqualTo(1);
  }

  @Test
  void isWarmedUpWithARequestBeforeIt() throws Exception {
    assertThat(tell("checkpoint")).isEqualTo("done");

    assertThat(database.secretsManager.service().requests().count("GetSecretValue")).isEqualTo(1);
    assertThat(database.database.postgres().log()).contains("SELECT $1 + 1");
    assertThat(tell("restore")).isEqualTo("done");
    assertThat(tell("query")).contains("longValue");
  }

  @Test
  void writesTheCredentialsAgeForCallersOnly() throws Exception {
    assertThat(tell("checkpoint")).isEqualTo("done");
    assertThat(tell("restore")).isEqualTo("done");
    assertThat(metrics).isEmpty();

    assertThat(tell("query")).contains("longValue");
    assertThat(tell("query")).contains("longValue");
    assertThat(metrics).hasSize(1);
  }

  @Test
  void isTakenWithoutADatabaseToo() throws Exception {
    database
        .secretsManager
        .client()
        .deleteSecret(r -> r.secretId(database.arn).forceDeleteWithoutRecovery(true));

    assertThat(tell("checkpoint")).isEqualTo("done");
  }
}
