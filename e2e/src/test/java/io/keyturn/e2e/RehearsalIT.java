package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.cli.Keyturn;
import io.keyturn.local.postgres.GivenServer;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.testing.InMemory;
import io.keyturn.testing.TestPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** {@code keyturn rehearse} as a user runs it. */
@ResourceLock("the PostgreSQL of the tests")
@Tag("server")
class RehearsalIT {
  @TempDir Path folder;

  @TempDir(factory = InMemory.class)
  Path temporary;

  @AfterEach
  void nothingIsLeft() throws IOException {
    KeyturnProcess.assertNothingLeft(temporary);
  }

  @Test
  void withJsonTheReportIsAllThatStandardOutputHolds() throws Exception {
    KeyturnProcess run = run("--rotations", "2", "--every", "2", "--json");

    assertThat(run.awaitEnd()).as(run.err()).isZero();
    JsonNode report =
        new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .readTree(run.out());
    assertThat(report.get("succeeded").asBoolean()).isTrue();
    assertThat(report.get("rotations")).hasSize(2);
    assertThat(report.get("rotationsAskedFor").asInt()).isEqualTo(2);
    assertThat(report.get("queriesAnswered").asLong()).isPositive();
    assertThat(report.get("queriesFailed").asLong()).isZero();
    assertThat(report.get("problems")).isEmpty();
    for (JsonNode rotation : report.get("rotations")) {
      assertThat(rotation.get("stepMillis").fieldNames())
          .toIterable()
          .containsExactly("createSecret", "setSecret", "testSecret", "finishSecret");
      assertThat(rotation.get("queriesAnswered").asLong()).isPositive();
      assertThat(rotation.get("problems")).isEmpty();
    }
    assertThat(run.err()).contains("Rotation is on: rate(30 days)", "Rotation 2 finished");
  }

  @Test
  void onAGivenServerItPrintsTheTableAndLeavesNoRoleBehind() throws Exception {
    TestPostgres postgres = TestPostgres.shared();
    Set<String> before = roles(postgres);

    KeyturnProcess run =
        run(
            "--strategy",
            "single",
            "--rotations",
            "1",
            "--every",
            "1",
            "--postgres",
            url(postgres));

    assertThat(run.awaitEnd()).as(run.err()).isZero();
    assertThat(run.out().lines().findFirst().orElseThrow().strip().split("\\s{2,}"))
        .containsExactly(
            "rotation",
            "createSecret",
            "setSecret",
            "testSecret",
            "finishSecret",
            "version that became current",
            "answered",
            "failed",
            "slowest");
    assertThat(run.out())
        .containsPattern("(?m)^ +1( +\\d+ ms){4}  [0-9a-f-]{36} +\\d+ +0 +\\d+ ms$")
        .containsPattern("(?m)^PASSED: 1 of 1 rotations finished on PostgreSQL \\d+");
    assertThat(roles(postgres)).isEqualTo(before);
  }

  @Test
  void aJarThatIsNotThereIsSaidInALine() throws Exception {
    for (String name : List.of("template.yaml", "rotator.yaml", "secret.yaml", "query.yaml")) {
      Files.writeString(
          folder.resolve(name),
          Files.readString(Path.of("../sam", name))
              .replace("../rotator/target/rotator.jar", "nowhere.jar"));
    }
    Path template = folder.resolve("template.yaml");

    assertRefused("nowhere.jar", "--template", template.toString());
  }

  @Test
  void aPortThatIsTakenIsSaidInALine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());

      assertRefused(
          "Port " + port + " of 127.0.0.1 is taken",
          "serve",
          "--port",
          port,
          "--postgres",
          url(TestPostgres.shared()));
    }
  }

  private KeyturnProcess run(String... arguments) throws IOException, InterruptedException {
    return KeyturnProcess.run(folder, temporary, arguments);
  }

  /** In this JVM, since only a message is asked for. */
  private static void assertRefused(String reason, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Keyturn.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);

    assertThat(exitCode).as("%s", err).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines().filter(line -> line.startsWith("keyturn: ")))
        .singleElement()
        .asString()
        .contains(reason);
    assertThat(err.toString()).doesNotContain("\tat ");
  }

  @Test
  void onAGivenServerNoRoleIsLeftWhereAClientHasMadeObjects() throws Exception {
    TestPostgres postgres = TestPostgres.shared();
    Set<String> before = roles(postgres);
    String user;
    try (LocalStack stack =
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .postgres(GivenServer.at(url(postgres)))
            .secrets(2)
            .start()) {
      JsonNode secret =
          new ObjectMapper()
              .readTree(
                  stack.client().getSecretValue(r -> r.secretId(stack.secretArn())).secretString());
      user = secret.get("username").asText();
      try (Connection connection = postgres.superuser();
          Statement statement = connection.createStatement()) {
        statement.execute(
            "CREATE SCHEMA %1$s AUTHORIZATION %1$s; SET ROLE %1$s; CREATE TABLE %1$s.t (); RESET ROLE; GRANT CREATE ON SCHEMA %1$s TO %1$s2"
                .formatted(user));
      }
    }

    assertThat(roles(postgres)).isEqualTo(before);
    try (Connection connection = postgres.superuser();
        Statement statement = connection.createStatement()) {
      // What they made is not lost.
      statement.execute("SELECT * FROM %1$s.t; DROP SCHEMA %1$s CASCADE".formatted(user));
    }
  }

  private static String url(TestPostgres postgres) {
    return postgres.jdbcUrl("postgres")
        + "?user="
        + URLEncoder.encode(postgres.superuserName(), StandardCharsets.UTF_8)
        + "&password="
        + URLEncoder.encode(postgres.superuserPassword(), StandardCharsets.UTF_8);
  }

  private static Set<String> roles(TestPostgres postgres) throws SQLException {
    Set<String> names = new HashSet<>();
    try (Connection connection = postgres.superuser();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT rolname FROM pg_roles")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}
