package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.secretsmanager.rotation.RotationRetries;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/**
 * An update of a stack of secret.yaml, whichever parameter it changes, leaves AWSCURRENT a login,
 * and the next rotation completes.
 */
@org.junit.jupiter.api.Tag("slow")
class StackUpdateIT {
  private static final Path TEMPLATE = Path.of("../sam/secret.yaml");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Another value of each parameter. */
  private static final Map<String, String> OTHER =
      Map.ofEntries(
          Map.entry("BreakGlassRoleArn", "arn:aws:iam::000000000000:role/break-glass"),
          Map.entry("DatabaseHost", "localhost"),
          Map.entry("DatabaseName", "template1"),
          Map.entry("DatabasePort", "5433"),
          Map.entry("DatabaseUser", "other"),
          Map.entry("DeploymentRoleArn", "arn:aws:iam::000000000000:role/deploy"),
          Map.entry("Duration", "2h"),
          Map.entry(
              "ExistingSecretArn",
              "arn:aws:secretsmanager:us-east-1:000000000000:secret:other-AbCdEf"),
          Map.entry("KmsKeyArn", "arn:aws:kms:us-east-1:000000000000:key/other"),
          Map.entry("RotateImmediately", "false"),
          Map.entry("RotationLambdaArn", "arn:aws:lambda:us-east-1:000000000000:function:other"),
          Map.entry("RotationRoleArn", "arn:aws:iam::000000000000:role/other"),
          Map.entry("ScheduleExpression", "rate(10 days)"),
          Map.entry("SecretNamePrefix", "other/"),
          Map.entry("SecretReaderArns", "arn:aws:iam::000000000000:role/reader"),
          Map.entry(
              "SuperuserSecretArn",
              "arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!other-AbCdEf"));

  /** What the name of the secret depends on, or which leaves no secret in the template. */
  private static final Set<String> REPLACING =
      Set.of("DatabaseUser", "ExistingSecretArn", "SecretNamePrefix");

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack =
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .rotationRetries(new RotationRetries(1, Duration.ofMillis(10)))
            .start();
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  static Set<String> parameters() {
    return new TreeSet<>(SamTemplate.parameterNames(TEMPLATE));
  }

  @Test
  void eachParameterHasAnotherValue() {
    assertThat(OTHER.keySet()).containsExactlyInAnyOrderElementsOf(parameters());
  }

  @ParameterizedTest
  @MethodSource("parameters")
  void theCurrentLoginSurvives(String parameter) throws Exception {
    Map<String, String> deployed = deployed();
    Map<String, String> changed = new HashMap<>(deployed);
    changed.put(parameter, OTHER.get(parameter));
    if (REPLACING.contains(parameter)) {
      // Another secret with another password; CloudFormation keeps this one as it is.
      assertThat(currentLogsIn()).isTrue();
      return;
    }
    TemplateSecret before = secret(deployed);
    TemplateSecret after = secret(changed);

    // CloudFormation generates a new password if anything about the generation changes.
    assertThat(after.generated()).isEqualTo(before.generated());
    if (after.tags().equals(before.tags())) {
      // The value of the secret is left as it is, and all that the rotator reads.
      assertThat(currentLogsIn()).isTrue();
      return;
    }
    tag(after.tags());
    try {
      assertThat(currentLogsIn()).isTrue();
      // Where the new values are wrong the rotation fails, and changes nothing.
      rotate();
      assertThat(currentLogsIn()).isTrue();
    } finally {
      tag(before.tags());
    }
    rotate();
    assertThat(currentLogsIn()).isTrue();
    assertThat(
            stack.client().describeSecret(r -> r.secretId(stack.secretArn())).versionIdsToStages())
        .noneSatisfy((version, labels) -> assertThat(labels).containsExactly("AWSPENDING"));
  }

  private static TemplateSecret secret(Map<String, String> parameters) {
    return SamTemplate.read(TEMPLATE, parameters, Map.of()).secrets().get(0);
  }

  private static Map<String, String> deployed() throws IOException {
    return Map.of(
        "DatabaseHost", stack.postgres().host(),
        "DatabaseName", stack.postgres().database(),
        "DatabasePort", String.valueOf(stack.postgres().port()),
        "RotationLambdaArn", stack.rotationFunctionArn(),
        "RotationRoleArn", "arn:aws:iam::000000000000:role/RotationRole",
        "SuperuserSecretArn", current().get("masterarn").asText());
  }

  private static void tag(Map<String, String> tags) {
    stack
        .client()
        .tagResource(
            r ->
                r.secretId(stack.secretArn())
                    .tags(
                        tags.entrySet().stream()
                            .map(
                                tag ->
                                    Tag.builder().key(tag.getKey()).value(tag.getValue()).build())
                            .toList()));
  }

  private static void rotate() {
    try {
      stack.rotate(UUID.randomUUID().toString());
    } catch (InvalidRequestException e) {
      assertThat(e).hasMessageContaining("That rotation will be reattempted");
    }
    await().atMost(PATIENCE).until(() -> !stack.secretsManager().isRotating(stack.secretArn()));
  }

  private static JsonNode current() throws IOException {
    return new ObjectMapper()
        .readTree(stack.client().getSecretValue(r -> r.secretId(stack.secretArn())).secretString());
  }

  private static boolean currentLogsIn() throws IOException, SQLException {
    JsonNode current = current();
    return stack
        .postgres()
        .logsIn(current.get("username").asText(), current.get("password").asText());
  }
}
