package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.stack.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * What a deployment begins with: a secret that the template has generated, a schedule that rotates
 * at once, and a database without a user.
 */
class FirstRotationIT {
  private static final Path TEMPLATE = Path.of("../sam/template.yaml");
  private static final Path QUERY = Path.of("../sam/events/query.json");
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final ObjectMapper json = new ObjectMapper();

  @Test
  void theFirstRotationMakesTheUserAndTheQueryFunctionAnswers() throws Exception {
    try (LocalStack stack = LocalStack.builder(TEMPLATE).withoutUser().start()) {
      JsonNode generated = secret(stack);
      assertThat(logsIn(stack, generated)).isFalse();

      String version = UUID.randomUUID().toString();
      stack.rotate(version);

      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  stack
                      .client()
                      .getSecretValue(r -> r.secretId(stack.secretArn()))
                      .versionId()
                      .equals(version));
      JsonNode current = secret(stack);
      assertThat(current.get("username").asText())
          .isEqualTo(generated.get("username").asText() + "_clone");
      assertThat(logsIn(stack, current)).isTrue();
      // Alternating: what was generated goes on working until the next rotation.
      assertThat(logsIn(stack, generated)).isTrue();
      InvocationResult answer =
          stack.lambda().invokeSync(stack.queryFunction(), Files.readString(QUERY));
      assertThat(answer.error()).isEmpty();
      assertThat(json.readTree(answer.payloadText()).get("records")).hasSize(1);
    }
  }

  /** The value that is AWSCURRENT. */
  private JsonNode secret(LocalStack stack) throws IOException {
    return json.readTree(
        stack.client().getSecretValue(r -> r.secretId(stack.secretArn())).secretString());
  }

  private static boolean logsIn(LocalStack stack, JsonNode secret) throws SQLException {
    return stack
        .postgres()
        .logsIn(secret.get("username").asText(), secret.get("password").asText());
  }
}
