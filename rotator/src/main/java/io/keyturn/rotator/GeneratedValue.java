package io.keyturn.rotator;

import io.keyturn.postgres.JsonObjectText;
import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Rotates secrets that are no database's: a signing key or a token of one's own, whose new value is
 * only generated. Whoever verifies it accepts AWSCURRENT, AWSPENDING and AWSPREVIOUS.
 *
 * <p>That a secret is of this kind is the function's own setting. Nothing of the secret says it, so
 * that nobody who may write or tag a secret can have a database's rotated in this way.
 */
final class GeneratedValue {
  static final String NAME = "generated value";

  private final SecretsManager secrets;
  private final PasswordPolicy values;
  private final Optional<String> key;
  private final Optional<ValueTest> test;

  /**
   * @param key GENERATED_KEY: the key of the JSON object that the value is under; the whole text if
   *     absent
   * @param test TEST_URL: asks a service whether it accepts the new value
   */
  GeneratedValue(
      SecretsManager secrets,
      PasswordPolicy values,
      Optional<String> key,
      Optional<ValueTest> test) {
    this.secrets = secrets;
    this.values = values;
    this.key = key;
    this.test = test;
  }

  void createSecret(Invocation invocation) {
    String pending = withValue(current(invocation), values.generate());
    boolean created = secrets.putPendingText(invocation, pending);
    invocation.info(
        created
            ? "a new value is staged AWSPENDING"
            : "the version has a value from an earlier attempt, which is kept");
  }

  void setSecret(Invocation invocation) {
    invocation.info("there is nothing to set: who verifies the value reads it from the secret");
  }

  void testSecret(Invocation invocation) {
    String current = current(invocation);
    String pending = secrets.pendingText(invocation);
    String value = value(invocation, pending);
    requireUnedited(invocation, current, pending);
    test.ifPresent(service -> service.require(invocation, value));
    invocation.info(
        "the value has %d characters%s"
            .formatted(
                value.length(),
                test.map(service -> ", and %s accepts it".formatted(service)).orElse("")));
  }

  void check(Invocation invocation, CheckReport report) {
    report.fact("strategy", NAME);
    report
        .attempt(Code.SECRET, () -> current(invocation))
        .ifPresent(
            current ->
                test.ifPresent(
                    service ->
                        report.require(
                            Code.LOGIN,
                            () -> service.require(invocation, value(invocation, current)))));
  }

  /** The value of AWSCURRENT, if it is one of this kind. */
  private String current(Invocation invocation) {
    String current = secrets.currentText(invocation);
    value(invocation, current);
    return current;
  }

  private String withValue(String text, String value) {
    return key.map(name -> object(text).orElseThrow().with(name, value).json()).orElse(value);
  }

  private String value(Invocation invocation, String text) {
    Optional<JsonObjectText> object = object(text);
    if (object.isPresent() && isDatabaseSecret(object.get())) {
      throw new RotationException(
          "Nothing was changed: secret %s is that of a database, whose password must be changed in the database. Rotate it with a function whose ROTATION_STRATEGY is not generated"
              .formatted(invocation.secretId()));
    }
    if (key.isEmpty()) {
      if (object.isPresent()) {
        throw new RotationException(
            "Nothing was changed: secret %s is a JSON object, and its whole text would be replaced. Name the key of the value in GENERATED_KEY"
                .formatted(invocation.secretId()));
      }
      return text;
    }
    return object
        .flatMap(json -> json.text(key.get()))
        .orElseThrow(
            () ->
                new RotationException(
                    "Nothing was changed: secret %s is no JSON object that has a text under \"%s\", which GENERATED_KEY names. Put a secret value that has it"
                        .formatted(invocation.secretId(), key.get())));
  }

  private static boolean isDatabaseSecret(JsonObjectText json) {
    return json.has("engine") || (json.has("host") && json.has("username") && json.has("password"));
  }

  /** Empty if it is no JSON object. */
  private static Optional<JsonObjectText> object(String text) {
    try {
      return Optional.of(JsonObjectText.read(text, IllegalArgumentException::new));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** AWSCURRENT may have been edited since createSecret: finishSecret would take the edit back. */
  private void requireUnedited(Invocation invocation, String current, String pending) {
    if (key.isEmpty()) {
      return;
    }
    SortedSet<String> edited =
        object(pending).orElseThrow().keysThatDiffer(object(current).orElseThrow());
    edited.remove(key.get());
    if (!edited.isEmpty()) {
      secrets.abandon(invocation);
      throw new RotationException(
          "AWSCURRENT of secret %s was changed since version %s was made from it, in \"%s\". AWSPENDING was taken from that version: rotate again"
              .formatted(invocation.secretId(), invocation.token(), String.join("\", \"", edited)));
    }
  }
}
