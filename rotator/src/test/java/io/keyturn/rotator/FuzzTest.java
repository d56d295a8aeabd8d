package io.keyturn.rotator;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.Mutator;
import io.keyturn.testing.Sampled;
import io.keyturn.testing.Seed;
import io.keyturn.testing.TestContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Events and secrets that are broken in any way: a clear error, and nothing is changed. */
@Sampled
class FuzzTest {
  private static final int EVENTS = 1000;
  private static final int SECRETS = 50;

  /** Stands in no message of ours, so that one which has it quotes the secret. */
  private static final String PASSWORD = "zQ7Kd93x";

  private static final List<String> FRAGMENTS =
      List.of(
          "\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "\0",
          "\ufeff",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          " ",
          "\n",
          "1e999999",
          "-0",
          "9".repeat(2000),
          "null",
          "true",
          "[[]]",
          "{\"a\":{}}",
          "\"Records\":[1],",
          "\"Step\":7,",
          "\"Step\":null,",
          "\"SecretId\":{\"a\":1},",
          "\"ClientRequestToken\":[\"x\"],",
          "\"ClientRequestToken\":\"\",",
          "\"SecretId\":\"\\u0000\",",
          "\"SecretId\":\"%s%n\\ud83d\",",
          "/* */",
          "NaN",
          "'",
          "\u2028",
          "\ud83d\udd11");

  private static final List<String> VALUES =
      List.of(
          "\"",
          "\\",
          "\\u0000",
          "\0",
          "\ufeff",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          " ",
          "1",
          "null",
          "\"x\"",
          "x",
          "\"password\":",
          "\"password\":null,",
          "\"password\":{},",
          "\"username\":[\"" + PASSWORD + "\"],",
          "\"username\":\"\",",
          "\"engine\":1,",
          "\"masterarn\":7,",
          "\"ssl\":\"" + PASSWORD + "\",");

  @Test
  void noEventChangesAnything() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret");
      String token = secret.token;
      List<String> harmless =
          List.of(
              // Done already, so that doing it again changes nothing.
              RotatedSecret.event("createSecret", secret.arn, token),
              RotatedSecret.event("SETSECRET", secret.arn, token),
              RotatedSecret.event("finishsecret", secret.arn, token),
              RotatedSecret.event("setSecret", secret.arn, UUID.randomUUID().toString()),
              RotatedSecret.event("finishSecret", secret.arn, token.toUpperCase(Locale.ROOT) + "x"),
              RotatedSecret.event("finishSecret", "no-such-secret", token));
      Map<String, List<String>> labels = secret.labels();
      String current = secret.secretsManager.value(secret.arn, "AWSCURRENT");
      String pending = secret.secretsManager.value(secret.arn, "AWSPENDING");
      TestContext lambda = new TestContext();
      Random random = Seed.random("events");
      int refused = 0;
      for (int i = 0; i < EVENTS; i++) {
        byte[] event = event(harmless.get(i % harmless.size()), i, random);

        Throwable failure = catchThrowable(() -> secret.invoke(event, lambda));

        if (failure != null) {
          refused++;
          assertThat(failure)
              .as("event %d: %s", i, new String(event, 0, Math.min(300, event.length), UTF_8))
              .isInstanceOf(RotationException.class);
        }
      }
      assertThat(refused).isBetween(EVENTS / 2, EVENTS - 1);
      assertThat(secret.labels()).isEqualTo(labels);
      assertThat(secret.secretsManager.value(secret.arn, "AWSCURRENT")).isEqualTo(current);
      assertThat(secret.secretsManager.value(secret.arn, "AWSPENDING")).isEqualTo(pending);
      assertThat(secret.logsIn(secret.role.password())).isTrue();
      assertThat(secret.logsIn(secret.password("AWSPENDING"))).isFalse();
    }
  }

  /** An event with a mistake in it; now and then an enormous one, and one in no encoding. */
  private static byte[] event(String event, int i, Random random) {
    return switch (i % 500) {
      case 0 -> event.replace("{", "{\"x\":" + "[".repeat(100_000) + ",").getBytes(UTF_8);
      case 1 -> event.replace("{", "{\"x\":" + "{\"x\":".repeat(100_000)).getBytes(UTF_8);
      case 2 -> event.replace("{", "{\"x\":\"" + "x".repeat(1_000_000) + "\",").getBytes(UTF_8);
      case 3 -> event.replace("test-", "x".repeat(100_000)).getBytes(UTF_8);
      case 4 -> event.getBytes(UTF_16);
      case 5 -> event.getBytes(UTF_8);
      default -> Mutator.mutate(Mutator.mutate(event, FRAGMENTS, random).getBytes(UTF_8), random);
    };
  }

  @Test
  void aBrokenCurrentValueIsRefusedAndKept() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      Random random = Seed.random("current");
      for (int i = 0; i < SECRETS; i++) {
        String value = brokenSecret(secret.json(secret.role.name(), PASSWORD), random);
        String arn = secret.secretsManager.createSecret(value);
        String token = secret.secretsManager.startRotation(arn);

        assertUnchanged(
            secret,
            arn,
            () -> {
              for (String step : List.of("createSecret", "setSecret")) {
                String label = step.equals("createSecret") ? "AWSCURRENT" : "";
                assertClear(value, Run.of(secret, step, arn, token), arn, label);
              }
            });
      }
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }

  @Test
  void aBrokenPendingValueIsRefused() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      Random random = Seed.random("pending");
      for (int i = 0; i < SECRETS; i++) {
        String value = brokenSecret(secret.json(secret.role.name(), PASSWORD), random);
        if (isValid(value)) {
          continue;
        }
        String arn =
            secret.secretsManager.createSecret(
                secret.json(secret.role.name(), secret.role.password()));
        String token = secret.secretsManager.startRotation(arn);
        secret
            .secretsManager
            .client()
            .putSecretValue(
                r ->
                    r.secretId(arn)
                        .clientRequestToken(token)
                        .versionStages("AWSPENDING")
                        .secretString(value));

        assertUnchanged(
            secret,
            arn,
            () -> {
              for (String step : List.of("setSecret", "testSecret")) {
                Run run = Run.of(secret, step, arn, token);
                assertThat(run.failure()).as(value).isNotNull();
                assertClear(value, run, arn, "AWSPENDING");
              }
            });
      }
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }

  @Test
  void aBrokenAdminSecretIsRefused() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      Random random = Seed.random("admin");
      secret.begin().step("createSecret");
      Map<String, List<String>> labels = secret.secretsManager.labels(secret.arn);
      for (int i = 0; i < SECRETS; i++) {
        String value = brokenSecret(secret.json(secret.admin.name(), PASSWORD, null), random);
        secret
            .secretsManager
            .client()
            .putSecretValue(r -> r.secretId(secret.adminArn).secretString(value));

        Run run = new Run(catchThrowable(() -> secret.step("setSecret")), secret.context);

        assertThat(run.failure()).as(value).isNotNull();
        assertClear(value, run, secret.adminArn, "AWSCURRENT");
      }
      assertThat(secret.secretsManager.labels(secret.arn)).isEqualTo(labels);
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.logsIn("AWSPENDING")).isFalse();
    }
  }

  /** Leaves host and port alone, since the function would go where they point. */
  private static String brokenSecret(String json, Random random) {
    int place = json.indexOf("\"dbname\"");
    String rest = json.substring(place);
    for (int i = random.nextInt(3); i >= 0; i--) {
      rest = Mutator.mutate(rest, VALUES, random);
    }
    return json.substring(0, place) + rest;
  }

  private static boolean isValid(String value) {
    try {
      DatabaseSecret.parse(value, "").requirePostgresEngine();
      return true;
    } catch (InvalidSecretException e) {
      return false;
    }
  }

  /** How a step ended, with its failure or null, and what it logged. */
  private record Run(Throwable failure, TestContext lambda) {
    static Run of(RotatedSecret secret, String step, String arn, String token) {
      TestContext lambda = new TestContext();
      return new Run(
          catchThrowable(() -> secret.invoke(RotatedSecret.event(step, arn, token), lambda)),
          lambda);
    }
  }

  private static void assertUnchanged(RotatedSecret secret, String arn, Runnable steps) {
    String current = secret.secretsManager.value(arn, "AWSCURRENT");
    Map<String, List<String>> labels = secret.secretsManager.labels(arn);
    steps.run();
    assertThat(secret.secretsManager.value(arn, "AWSCURRENT")).isEqualTo(current);
    assertThat(secret.secretsManager.labels(arn)).isEqualTo(labels);
  }

  private static void assertClear(String value, Run run, String arn, String label) {
    if (run.failure() != null) {
      assertThat(run.failure())
          .as(value)
          .isInstanceOfAny(RotationException.class, InvalidSecretException.class)
          .hasMessageContainingAll(arn, label);
      assertThat(Throwables.everythingIn(run.failure())).as(value).doesNotContain(PASSWORD);
    }
    assertThat(run.lambda().log()).as(value).noneMatch(line -> line.contains(PASSWORD));
  }
}
