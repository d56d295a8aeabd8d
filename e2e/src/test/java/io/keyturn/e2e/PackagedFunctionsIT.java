package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import io.keyturn.testing.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both functions as Lambda runs them, from their jars and with what the template says of them. */
// Only the search of the logs has a place: last, so that it sees what all the others have logged.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@ResourceLock("the PostgreSQL of the tests")
@Tag("server")
class PackagedFunctionsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String S3_EVENT =
      "{\"Records\":[{\"eventSource\":\"aws:s3\",\"s3\":{\"bucket\":{\"name\":\"b\"}}}]}";
  private static final String UNKNOWN_SECRET =
      """
      {"Step":"createSecret","SecretId":"nobody/knows","ClientRequestToken":"11111111-1111-1111-1111-111111111111"}
      """;

  private static final List<String> LOG = new CopyOnWriteArrayList<>();
  private static final List<RotationReport> REPORTS = new CopyOnWriteArrayList<>();

  /** Every password that the role ever had or was to have. */
  private static final Set<String> PASSWORDS = ConcurrentHashMap.newKeySet();

  private static TestPostgres postgres;
  private static LocalStack stack;

  /** A version of the secret. */
  private record Credential(String versionId, String user, String password) {
    boolean logsIn() throws SQLException {
      return postgres.canLogIn(user, password);
    }
  }

  @BeforeAll
  static void start() throws IOException {
    postgres = TestPostgres.shared();
    stack =
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .postgres(SharedServer.get())
            // The one in which the database refuses the current login for a moment.
            .strategy(Strategy.SINGLE)
            .newConnectionForEachQuery()
            .logs((function, environment, line) -> LOG.add(line))
            .start();
    stack.secretsManager().addRotationListener(RotationListener.ofEnds(REPORTS::add));
    credential("AWSCURRENT");
  }

  @AfterAll
  static void stop() {
    if (stack != null) {
      stack.close();
    }
  }

  @Test
  void aRotationMovesTheLabelAndThePasswordWhileQueriesAreAnswered() throws Exception {
    Credential before = credential("AWSCURRENT");
    assertThat(query(1)).isEqualTo(2);

    String version = rotate();
    int answered = 0;
    do {
      assertThat(query(answered)).isEqualTo(answered + 1);
      answered++;
    } while (stack.secretsManager().isRotating(stack.secretArn()));

    RotationReport report = finished(version);
    assertThat(report.succeeded()).isTrue();
    assertThat(report.attempts()).isEqualTo(1);
    assertThat(report.steps())
        .extracting(RotationStepReport::step)
        .containsExactly("createSecret", "setSecret", "testSecret", "finishSecret");
    Credential after = credential("AWSCURRENT");
    assertThat(after.versionId()).isEqualTo(version);
    assertThat(credential("AWSPREVIOUS")).isEqualTo(before);
    assertThat(after.logsIn()).isTrue();
    assertThat(before.logsIn()).isFalse();
    assertThat(query(7)).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          keyturn-rotator  | empty   | io.keyturn.rotator.invocation.RotationException | "Step" is missing
          keyturn-rotator  | s3      | io.keyturn.rotator.invocation.RotationException | not a rotation event
          keyturn-rotator  | unknown | io.keyturn.rotator.invocation.RotationException | nobody/knows
          QueryFunction    | empty   | io.keyturn.consumer.QueryException$BadRequestException | "sql" is missing
          QueryFunction    | s3      | io.keyturn.consumer.QueryException$BadRequestException | "sql" is missing
          """)
  void badInputIsAnErrorWithItsTypeAndReason(
      String function, String input, String type, String reason) throws IOException {
    Map<String, String> events = Map.of("empty", "{}", "s3", S3_EVENT, "unknown", UNKNOWN_SECRET);

    assertError(stack.lambda().invokeSync(function, events.get(input)), type, reason);
  }

  @Test
  void aQueryThroughASecretThatIsNotThereIsAnErrorOfTheSecret() throws IOException {
    FunctionQuery.register(stack, "QueryOfNoSecret", Map.of("SECRET_ID", "nobody/knows"));

    assertError(
        stack.lambda().invokeSync("QueryOfNoSecret", "{\"sql\":\"SELECT 1\"}"),
        "io.keyturn.consumer.QueryException$SecretsErrorException",
        "nobody/knows");
  }

  @Test
  void theCredentialsAgeIsALineOfItsOwnInTheLogWhereItIsAskedFor() throws IOException {
    FunctionQuery.register(stack, "QueryWithMetric", Map.of("METRIC_NAMESPACE", "Keyturn"));

    List<String> lines = metrics("QueryWithMetric");

    assertThat(lines).hasSize(1);
    JsonNode line = JSON.readTree(lines.get(0));
    assertThat(line.at("/_aws/CloudWatchMetrics/0").toString())
        .isEqualTo(
            "{\"Namespace\":\"Keyturn\",\"Dimensions\":[[\"SecretId\"]],"
                + "\"Metrics\":[{\"Name\":\"CredentialAge\",\"Unit\":\"Seconds\"}]}");
    assertThat(line.get("SecretId").asText()).isEqualTo(stack.secretArn());
    assertThat(line.get("CredentialAge").isIntegralNumber()).isTrue();
    FunctionQuery.register(stack, "QueryWithoutMetric", Map.of("METRIC_NAMESPACE", ""));
    assertThat(metrics("QueryWithoutMetric")).isEmpty();
  }

  /** What a new environment of the function logs for CloudWatch while it answers a query. */
  private static List<String> metrics(String function) {
    InvocationResult result = stack.lambda().invokeSync(function, "{\"sql\":\"SELECT 1\"}");
    assertThat(result.error()).isEmpty();
    assertThat(result.coldStart()).isTrue();
    return result.logTail().lines().filter(line -> line.contains("CredentialAge")).toList();
  }

  @Test
  void aRotatorKilledWhileTheDatabaseChangesThePasswordIsTriedAgain() throws Exception {
    Credential before = credential("AWSCURRENT");
    String version;
    // Another change of the role that is not committed holds up the function's.
    try (Connection other = postgres.superuser();
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("ALTER ROLE " + TestPostgres.quote(before.user()) + " CONNECTION LIMIT -1");
      version = rotate();
      awaitSession("wait_event_type = 'Lock'", before.user());

      assertThat(stack.lambda().kill("keyturn-rotator")).isEqualTo(1);
      // The server does what nobody waits for any more: the role has the pending password now.
      other.rollback();
    }

    assertRecovered(version, before);
  }

  @Test
  void aRotatorKilledWhileItFinishesIsTriedAgain() throws Exception {
    Credential before = credential("AWSCURRENT");
    stack.secretsManager().requests().clear();
    stack.secretsManager().faults().delay("UpdateSecretVersionStage", 1, Duration.ofMillis(1500));
    String version = rotate();
    // Each step begins with one; after the fourth, the label is about to be moved.
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> stack.secretsManager().requests().count("DescribeSecret") >= 4);
    stack.lambda().kill("keyturn-rotator");

    assertRecovered(version, before);
  }

  @Test
  void aQueryFunctionKilledInAQueryAnswersTheNext() throws Exception {
    String user = credential("AWSCURRENT").user();
    CompletableFuture<InvocationResult> killed =
        CompletableFuture.supplyAsync(
            () ->
                stack
                    .lambda()
                    .invokeSync(stack.queryFunction(), "{\"sql\":\"SELECT pg_sleep(9)\"}"));
    awaitSession("query LIKE 'SELECT pg_sleep%'", user);

    stack.lambda().kill(stack.queryFunction());

    assertThat(killed.get().error().orElseThrow())
        .startsWith("Runtime.ExitError: ")
        .contains("signal: killed");
    assertThat(query(3)).isEqualTo(4);
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void noLogHoldsAnyPasswordThatEverWas() throws Exception {
    rotate();
    await().atMost(PATIENCE).until(() -> !stack.secretsManager().isRotating(stack.secretArn()));
    assertThat(query(1)).isEqualTo(2);
    for (String label : List.of("AWSCURRENT", "AWSPREVIOUS")) {
      credential(label);
    }
    PASSWORDS.add(postgres.superuserPassword());

    String server = postgres.log();
    String functions = String.join("\n", LOG);

    // Else there would be nothing to find them in.
    assertThat(functions).contains("createSecret of version", "setSecret of version");
    assertThat(server).containsPattern("(?i)ALTER ROLE .*SCRAM-SHA-256");
    assertThat(PASSWORDS).hasSizeGreaterThanOrEqualTo(3);
    for (String password : PASSWORDS) {
      // Not with contains(), which would print it.
      assertThat(functions.contains(password)).as("a password in a function's log").isFalse();
      assertThat(server.contains(password)).as("a password in the server's log").isFalse();
    }
  }

  private static void assertRecovered(String version, Credential before) throws Exception {
    RotationReport report = finished(version);
    assertThat(report.succeeded()).isTrue();
    assertThat(report.attempts()).isEqualTo(2);
    Credential after = credential("AWSCURRENT");
    assertThat(after.versionId()).isEqualTo(version);
    assertThat(after.logsIn()).isTrue();
    assertThat(before.logsIn()).isFalse();
    assertThat(query(5)).isEqualTo(6);
  }

  private static void assertError(InvocationResult result, String type, String reason)
      throws IOException {
    assertThat(result.functionError()).contains("Unhandled");
    JsonNode error = JSON.readTree(result.payload());
    assertThat(error.path("errorType").asText()).isEqualTo(type);
    assertThat(error.path("errorMessage").asText()).contains(reason);
    assertThat(error.path("stackTrace").isArray()).isTrue();
  }

  private static String rotate() {
    String version = UUID.randomUUID().toString();
    stack.rotate(version);
    return version;
  }

  private static RotationReport finished(String version) {
    await()
        .atMost(PATIENCE)
        .until(() -> REPORTS.stream().anyMatch(report -> report.versionId().equals(version)));
    return REPORTS.stream()
        .filter(report -> report.versionId().equals(version))
        .findFirst()
        .orElseThrow();
  }

  private static Credential credential(String label) throws IOException {
    var value =
        stack.client().getSecretValue(r -> r.secretId(stack.secretArn()).versionStage(label));
    JsonNode secret = JSON.readTree(value.secretString());
    Credential credential =
        new Credential(
            value.versionId(), secret.get("username").asText(), secret.get("password").asText());
    PASSWORDS.add(credential.password());
    return credential;
  }

  private static long query(long number) throws IOException {
    InvocationResult result =
        stack
            .lambda()
            .invokeSync(
                stack.queryFunction(),
                "{\"sql\":\"SELECT :n + 1\",\"parameters\":[{\"name\":\"n\",\"value\":{\"longValue\":%d}}]}"
                    .formatted(number));
    assertThat(result.error()).isEmpty();
    return JSON.readTree(result.payload()).at("/records/0/0/longValue").asLong();
  }

  private static void awaitSession(String condition, String user) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              try (Connection connection = postgres.superuser();
                  PreparedStatement query =
                      connection.prepareStatement(
                          "SELECT 1 FROM pg_stat_activity WHERE usename = ? AND " + condition)) {
                query.setString(1, user);
                try (ResultSet rows = query.executeQuery()) {
                  return rows.next();
                }
              }
            });
  }
}
