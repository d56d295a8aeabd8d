package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestSecretsManager;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OverdueSecretsTest {
  private static final String VALUE = "{\"engine\":\"postgres\",\"password\":\"hidden\"}";

  private final TestContext context = new TestContext();

  @Test
  void theDailyCallSucceedsWhileNoRotationIsOverdue() {
    try (TestSecretsManager secrets = new TestSecretsManager()) {
      schedule(secrets, context.getInvokedFunctionArn(), 30);
      RotationHandler function =
          new RotationHandler(
              Map.of("SECRETS_MANAGER_ENDPOINT", secrets.endpoint().toString()), line -> {});

      function.handleRequest(
          new ByteArrayInputStream("{\"Check\":\"overdue\"}".getBytes(StandardCharsets.UTF_8)),
          new ByteArrayOutputStream(),
          context);

      assertThat(context.log()).anyMatch(line -> line.contains("No rotation of 1 secrets"));
    }
  }

  @Test
  void itFailsWithTheSecretsOfThisFunctionAloneWhoseDateIsPast() {
    try (TestSecretsManager secrets = new TestSecretsManager()) {
      String late = schedule(secrets, context.getInvokedFunctionArn(), 30);
      String byAlias = schedule(secrets, context.getInvokedFunctionArn() + ":live", 30);
      String later = schedule(secrets, context.getInvokedFunctionArn(), 90);
      String others = schedule(secrets, context.getInvokedFunctionArn() + "-2", 30);
      String off = schedule(secrets, context.getInvokedFunctionArn(), 30);
      secrets.client().cancelRotateSecret(r -> r.secretId(off));
      Clock later40Days = Clock.offset(Clock.systemUTC(), Duration.ofDays(40));

      assertThatThrownBy(
              () -> new OverdueSecrets(secrets.functionClient(), later40Days).check(context))
          .isInstanceOf(RotationException.class)
          .hasMessageContaining("2 of 3 secrets is overdue")
          .hasMessageContaining(late)
          .hasMessageContaining(byAlias)
          .hasMessageNotContaining(later)
          .hasMessageNotContaining(others)
          .hasMessageNotContaining(off)
          .hasMessageNotContaining("hidden");
    }
  }

  private static String schedule(TestSecretsManager secrets, String function, long days) {
    String arn = secrets.createSecret(VALUE);
    secrets
        .client()
        .rotateSecret(
            r ->
                r.secretId(arn)
                    .rotationLambdaARN(function)
                    .rotateImmediately(false)
                    .rotationRules(rules -> rules.automaticallyAfterDays(days)));
    return arn;
  }
}
