package io.keyturn.local.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.stack.LocalStack;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Checks after each rotation which of the secret's passwords log in. */
final class PasswordCheck {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalStack stack;
  private final String secretArn;

  /** The last password of each user that has been current. */
  private final Map<String, String> passwords = new HashMap<>();

  private String currentUser;

  PasswordCheck(LocalStack stack, String secretArn) {
    this.stack = stack;
    this.secretArn = secretArn;
    note(secret(stack, secretArn, "AWSCURRENT"));
  }

  /** Returns what is wrong after a rotation, or an empty list. */
  List<String> afterRotation() {
    String formerUser = currentUser;
    JsonNode current = secret(stack, secretArn, "AWSCURRENT");
    String user = current.get("username").textValue();
    String password = current.get("password").textValue();
    List<String> problems = new ArrayList<>();
    try {
      if (!stack.postgres().logsIn(user, password)) {
        problems.add("the new password does not log in");
      }
      String replaced = passwords.get(user);
      if (replaced != null && stack.postgres().logsIn(user, replaced)) {
        problems.add("the password that was replaced still logs in");
      }
      if (!formerUser.equals(user)
          && !stack.postgres().logsIn(formerUser, passwords.get(formerUser))) {
        problems.add("the previous user no longer logs in");
      }
    } catch (SQLException e) {
      problems.add("the passwords could not be tried: " + e.getMessage());
    }
    note(current);
    return problems;
  }

  private void note(JsonNode secret) {
    currentUser = secret.get("username").textValue();
    passwords.put(currentUser, secret.get("password").textValue());
  }

  static JsonNode secret(LocalStack stack, String secretArn, String label) {
    try {
      return JSON.readTree(
          stack
              .client()
              .getSecretValue(r -> r.secretId(secretArn).versionStage(label))
              .secretString());
    } catch (IOException e) {
      throw new IllegalStateException("The secret is no longer JSON", e);
    }
  }
}
