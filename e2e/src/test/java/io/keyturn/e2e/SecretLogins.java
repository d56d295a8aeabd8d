package io.keyturn.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** The logins that a stack's secret holds under its labels, and which of them the server takes. */
final class SecretLogins {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalStack stack;

  /** The last password of each user that has been current. */
  private final Map<String, String> passwords = new HashMap<>();

  private Login current;

  /** A version of the secret. */
  private record Login(String versionId, String user, String password) {}

  SecretLogins(LocalStack stack) {
    this.stack = stack;
    noteCurrent();
  }

  /**
   * What is wrong with the logins at this moment, if anything is: with alternating users AWSCURRENT
   * must log in, with a single one at least one label's version.
   *
   * @throws SQLException if the server could not be asked
   */
  Optional<String> problem() throws SQLException {
    while (true) {
      Map<String, List<String>> before = labels();
      if (oneLogsIn()) {
        return Optional.empty();
      }
      if (labels().equals(before)) {
        return Optional.of(
            (stack.strategy() == Strategy.ALTERNATING ? "AWSCURRENT does not" : "no label's does")
                + " log in: "
                + before);
      }
      // The labels have moved on since they were read, and what they named may be replaced by now.
    }
  }

  /** What is wrong after a rotation to this version, and before the next; empty if nothing is. */
  List<String> problemsAfterRotationTo(String versionId) throws SQLException {
    List<String> problems = new ArrayList<>();
    Login former = current;
    String user = login("AWSCURRENT").orElseThrow().user();
    Optional<String> replaced = Optional.ofNullable(passwords.get(user));
    noteCurrent();
    if (!current.versionId().equals(versionId)) {
      problems.add("AWSCURRENT is on " + current.versionId() + " instead of " + versionId);
    }
    if (!works(current)) {
      problems.add("the new password does not log in");
    }
    if (replaced.isPresent() && stack.postgres().logsIn(user, replaced.get())) {
      problems.add("the password that was replaced still logs in");
    }
    if (!former.user().equals(user) && !works(former)) {
      problems.add("the previous user no longer logs in");
    }
    labels()
        .forEach(
            (version, labels) -> {
              if (labels.contains("AWSPENDING") && !version.equals(versionId)) {
                problems.add("AWSPENDING is left on " + version);
              }
            });
    return problems;
  }

  /** Whether this label's version logs in; false where there is none, or it has no value. */
  boolean logsIn(String label) throws SQLException {
    Optional<Login> login = login(label);
    return login.isPresent() && works(login.get());
  }

  /** Whether this text holds the password of any label. */
  boolean holdPassword(String text) {
    return List.of("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING").stream()
        .flatMap(label -> login(label).stream())
        .anyMatch(login -> text.contains(login.password()));
  }

  private void noteCurrent() {
    current = login("AWSCURRENT").orElseThrow();
    passwords.put(current.user(), current.password());
  }

  private boolean oneLogsIn() throws SQLException {
    if (stack.strategy() == Strategy.ALTERNATING) {
      return logsIn("AWSCURRENT");
    }
    // AWSPENDING last, and read only then: meanwhile the password may be changed to its own, but
    // from its own to no other.
    for (String label : List.of("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")) {
      if (logsIn(label)) {
        return true;
      }
    }
    return false;
  }

  private boolean works(Login login) throws SQLException {
    return stack.postgres().logsIn(login.user(), login.password());
  }

  /** Nothing where there is no such version, or it has no value yet. */
  private Optional<Login> login(String label) {
    try {
      var value =
          stack.client().getSecretValue(r -> r.secretId(stack.secretArn()).versionStage(label));
      JsonNode secret = JSON.readTree(value.secretString());
      return Optional.of(
          new Login(
              value.versionId(), secret.get("username").asText(), secret.get("password").asText()));
    } catch (ResourceNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("The secret is no longer JSON", e);
    }
  }

  /** The labels by version; not from DescribeSecret, by which tests tell that the rotator works. */
  private Map<String, List<String>> labels() {
    Map<String, List<String>> labels = new TreeMap<>();
    stack
        .client()
        .listSecretVersionIds(r -> r.secretId(stack.secretArn()))
        .versions()
        .forEach(version -> labels.put(version.versionId(), version.versionStages()));
    return labels;
  }
}
