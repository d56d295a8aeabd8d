package io.keyturn.rotator;

import static java.util.stream.Collectors.toMap;

import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.JsonObjectText;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/**
 * Completes a secret whose value has {@code "connection":"tags"}: host, port, database and admin
 * come from the secret's tags {@code keyturn:host}, {@code keyturn:port}, {@code keyturn:dbname}
 * and {@code keyturn:masterarn}.
 *
 * <p>CloudFormation generates a new password whenever the template of the secret's value changes.
 * With the connection in tags that template never changes, and the next rotation writes the current
 * tags into the new version. Only a value that asks for it is completed, so that the right to tag a
 * secret does not include the right to redirect it.
 */
final class ConnectionTags {
  private static final String PREFIX = "keyturn:";
  private static final List<String> TEXTS = List.of("host", "dbname", "masterarn");

  private ConnectionTags() {}

  /**
   * Returns the value with its connection.
   *
   * @param description of the secret and version, for error messages
   * @param tags read only if the value asks for them
   */
  static String complete(String json, String description, Supplier<List<Tag>> tags) {
    // The next reader of the value reports what is wrong with it.
    if (json == null || !json.contains("\"connection\"")) {
      return json;
    }
    JsonObjectText values =
        JsonObjectText.read(
            json,
            problem ->
                new InvalidSecretException(
                    description,
                    "the secret is not a JSON object: " + problem,
                    "Put a secret value that is one"));
    if (!values.text("connection").equals(Optional.of("tags"))) {
      return json;
    }
    Map<String, String> given =
        tags.get().stream().collect(toMap(Tag::key, tag -> tag.value().strip()));
    for (String key : TEXTS) {
      String value = given.getOrDefault(PREFIX + key, "");
      if (!value.isEmpty()) {
        values = values.with(key, unescaped(value));
      }
    }
    String port = given.getOrDefault(PREFIX + "port", "");
    if (!port.isEmpty()) {
      values = values.withNumber("port", number(port, description));
    }
    return values.json();
  }

  /** A tag may not hold the exclamation mark in the names of RDS's secrets; no ARN has a space. */
  private static String unescaped(String value) {
    return value.replace(' ', '!');
  }

  private static int number(String port, String description) {
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw new InvalidSecretException(
          description,
          "its tag keyturn:port is \"%s\"".formatted(port),
          "Set the tag to a number from 1 to 65535");
    }
  }
}
