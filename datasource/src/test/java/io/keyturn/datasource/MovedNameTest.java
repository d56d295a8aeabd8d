package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.wire.PostgresProtocol;
import io.keyturn.testing.wire.Wire;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A failover as Aurora makes it: the server is gone, and a moment later its name leads elsewhere.
 */
class MovedNameTest {
  private static final String HOST = "db.keyturn.test";

  @TempDir private Path folder;

  private static Wire wire(String address, int port) {
    TestPostgres postgres = TestPostgres.shared();
    return new Wire(
        postgres.host(),
        postgres.port(),
        new PostgresProtocol(),
        request -> Wire.Verdict.PASS,
        new InetSocketAddress(address, port));
  }

  private void lead(String address) throws IOException {
    Path hosts = folder.resolve("hosts");
    Path next = Files.writeString(folder.resolve("next"), address + " " + HOST + "\n");
    Files.move(next, hosts, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  private Process start(String arn, TestSecretsManager service) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:TieredStopAtLevel=1",
            "-Djdk.net.hosts.file=" + folder.resolve("hosts"),
            "-Daws.region=us-east-1",
            "-Daws.accessKeyId=test",
            "-Daws.secretAccessKey=test",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            MovedNameMain.class.getName(),
            arn,
            service.endpoint().toString())
        .redirectError(folder.resolve("errors").toFile())
        .start();
  }

  @Test
  void isFollowedWithinOneLogin() throws Exception {
    try (TestSecretsManager service = new TestSecretsManager();
        TestDatabase database = TestDatabase.create();
        Wire writer = wire("127.0.0.1", 0);
        Wire newWriter = wire("127.0.0.2", writer.port())) {
      TestRole role = database.createRole("app");
      String arn =
          service.createSecret(
              """
              {"engine":"postgres","host":"%s","port":%d,"dbname":"%s","username":"%s","password":"%s","ssl":false}"""
                  .formatted(
                      HOST, newWriter.port(), database.name(), role.name(), role.password()));
      lead("127.0.0.1");
      Process process = start(arn, service);
      try (BufferedReader answers = process.inputReader(StandardCharsets.UTF_8);
          PrintStream orders =
              new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8)) {
        orders.println("query");
        assertThat(answers.readLine())
            .as(Files.readString(folder.resolve("errors")))
            .isEqualTo("queried");

        writer.close();
        orders.println("query");
        String answer = answers.readLine();
        while (!answer.startsWith("warning: Waiting for the server")) {
          assertThat(answer).startsWith("warning: ");
          answer = answers.readLine();
        }
        long moved = System.nanoTime();
        lead("127.0.0.2");

        assertThat(answers.readLine()).isEqualTo("queried");
        System.out.printf(
            "Queried again %d ms after the name had moved%n",
            TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - moved));
      } finally {
        process.destroy();
      }
    }
  }
}
