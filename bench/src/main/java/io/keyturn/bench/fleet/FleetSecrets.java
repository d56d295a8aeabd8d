package io.keyturn.bench.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.Strategy;
import io.keyturn.local.postgres.PostgresServer;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** The secrets of a fleet, and what must be true of them after each rotation. */
final class FleetSecrets {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CURRENT = "AWSCURRENT";
  private static final String PENDING = "AWSPENDING";
  private static final String PREVIOUS = "AWSPREVIOUS";

  private final FleetPlan plan;
  private final FleetDatabase database;
  private final SecretsManagerClient client;
  private final List<String> arns = new ArrayList<>();
  private final List<Known> checked = new ArrayList<>();

  /** A secret that is looked at: which version and login was current before. */
  private static final class Known {
    private final String arn;
    private final Map<String, String> passwords = new HashMap<>();
    private String version;
    private Login login;

    Known(String arn) {
      this.arn = arn;
    }
  }

  FleetSecrets(FleetPlan plan, FleetDatabase database, SecretsManagerClient client) {
    this.plan = plan;
    this.database = database;
    this.client = client;
  }

  void create() throws InterruptedException {
    RateLimit limit = new RateLimit(plan.requestsPerSecond());
    String adminArn =
        plan.strategy() == Strategy.SINGLE ? null : create("fleet/admin", json(database.admin()));
    for (int i = 0; i < plan.secrets(); i++) {
      ObjectNode secret = json(database.firstLogin(i));
      if (adminArn != null) {
        secret.put("masterarn", adminArn);
      }
      limit.await();
      arns.add(create("fleet/app-" + i, secret));
    }
    List<String> shuffled = new ArrayList<>(arns);
    Collections.shuffle(shuffled, new Random(plan.seed()));
    for (String arn : shuffled.subList(0, Math.min(plan.checked(), shuffled.size()))) {
      Known known = new Known(arn);
      note(known);
      known.passwords.put(known.login.user(), known.login.password());
      checked.add(known);
    }
  }

  /** Turns their rotation on with this schedule. */
  void turnOn(String functionArn, String schedule) throws InterruptedException {
    RateLimit limit = new RateLimit(plan.requestsPerSecond());
    for (String arn : arns) {
      limit.await();
      client.rotateSecret(
          r ->
              r.secretId(arn)
                  .rotationLambdaARN(functionArn)
                  .rotationRules(rules -> rules.scheduleExpression(schedule))
                  .rotateImmediately(false));
    }
  }

  /** What is wrong with those that are looked at, after a rotation of each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    for (Known known : checked) {
      try {
        check(known, problems);
      } catch (SQLException e) {
        problems.add(known.arn + ": its logins could not be tried: " + e.getMessage());
      }
    }
    return problems;
  }

  private void check(Known known, List<String> problems) throws SQLException {
    String formerVersion = known.version;
    Login former = known.login;
    note(known);
    Login now = known.login;
    Map<String, List<String>> labels =
        client.describeSecret(r -> r.secretId(known.arn)).versionIdsToStages();
    PostgresServer server = database.server();
    if (!server.logsIn(now.user(), now.password())) {
      problems.add(known.arn + ": AWSCURRENT does not log in");
    }
    if (known.version.equals(formerVersion)) {
      problems.add(known.arn + ": was not rotated: " + labels);
      return;
    }
    if (!labels.getOrDefault(formerVersion, List.of()).contains(PREVIOUS)
        || labels.entrySet().stream()
            .anyMatch(v -> v.getValue().contains(PENDING) && !v.getKey().equals(known.version))) {
      problems.add(known.arn + ": the labels are wrong: " + labels);
    }
    String replaced = known.passwords.put(now.user(), now.password());
    if (replaced != null && server.logsIn(now.user(), replaced)) {
      problems.add(known.arn + ": a replaced password logs in");
    }
    if (!former.user().equals(now.user()) && !server.logsIn(former.user(), former.password())) {
      problems.add(known.arn + ": the user that was current before does not log in");
    }
  }

  private void note(Known known) {
    var value = client.getSecretValue(r -> r.secretId(known.arn).versionStage(CURRENT));
    try {
      JsonNode secret = JSON.readTree(value.secretString());
      known.version = value.versionId();
      known.login =
          new Login(secret.path("username").textValue(), secret.path("password").textValue());
    } catch (JsonProcessingException e) {
      e.clearLocation();
      throw new IllegalStateException(known.arn + " is no longer JSON", e);
    }
  }

  private String create(String name, ObjectNode value) {
    return client.createSecret(r -> r.name(name).secretString(value.toString())).arn();
  }

  private ObjectNode json(Login login) {
    PostgresServer server = database.server();
    return JSON.createObjectNode()
        .put("engine", "postgres")
        .put("host", server.host())
        .put("port", server.port())
        .put("dbname", server.database())
        .put("username", login.user())
        .put("password", login.password())
        // The server is this machine's own, and has no certificate.
        .put("ssl", false);
  }
}
