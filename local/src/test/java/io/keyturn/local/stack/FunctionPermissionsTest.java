package io.keyturn.local.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Policy;
import io.keyturn.local.template.FunctionRole;
import io.keyturn.local.template.TemplateFunction;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FunctionPermissionsTest {
  private static final String SECRET =
      "arn:aws:secretsmanager:us-east-1:000000000000:secret:a-AbCdEf";
  private static final Access READ = Access.to("secretsmanager:GetSecretValue", SECRET);

  @Test
  void aPolicyThatIsPutOnASecretBindsTheFunctionAndNotTheOperator() {
    FunctionDefinition function =
        new FunctionDefinition(
            "f",
            FunctionDefinition.localArn("f"),
            Path.of("f.jar"),
            "a.B",
            Map.of(),
            Duration.ofSeconds(3),
            128);
    FunctionPermissions permissions = new FunctionPermissions();
    permissions.add(
        new TemplateFunction(
            "F",
            function,
            Optional.of(
                new FunctionRole("arn:aws:iam::000000000000:role/f", policy("Allow", Map.of())))));
    assertThat(permissions.denial(function.accessKeyId(), READ)).isEmpty();

    permissions.resourcePolicies(
        arn ->
            arn.equals(SECRET)
                ? Optional.of(
                    policy(
                        "Deny",
                        Map.of(
                            "ArnNotEquals", Map.of("aws:PrincipalArn", "arn:aws:iam::1:role/x"))))
                : Optional.empty());

    assertThat(permissions.denial(function.accessKeyId(), READ).orElseThrow().reason())
        .contains("explicit deny in a resource-based policy");
    assertThat(permissions.denial("operator", READ)).isEmpty();
  }

  private static Policy policy(String effect, Map<String, Object> condition) {
    return Policy.of(
        Map.of(
            "Statement",
            List.of(
                Map.of(
                    "Effect",
                    effect,
                    "Action",
                    "secretsmanager:GetSecretValue",
                    "Resource",
                    "*",
                    "Condition",
                    condition))));
  }
}
