package io.keyturn.e2e;

import static io.keyturn.e2e.Deployment.KEY;
import static io.keyturn.e2e.Deployment.QUERY;
import static io.keyturn.e2e.Deployment.ROTATION;
import static io.keyturn.e2e.Deployment.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Decision;
import io.keyturn.local.permissions.Policy;
import io.keyturn.local.permissions.Statement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The roles of the templates hold what the functions need, and nothing else: compared with what the
 * functions called in their modules' tests.
 */
class PermissionsIT {
  private static final Map<String, Path> MODULES =
      Map.of(ROTATION, Path.of("../rotator"), QUERY, Path.of("../consumer"));

  private static final String IAM = "arn:aws:iam::000000000000:";
  private static final String ROTATION_ROLE = IAM + "role/rotator";

  private static final List<String> OPERATIONS =
      List.of(
          "DescribeSecret",
          "GetSecretValue",
          "ListSecretVersionIds",
          "PutSecretValue",
          "UpdateSecretVersionStage");

  private static final List<String> WRITES =
      List.of(
          "PutSecretValue",
          "UpdateSecretVersionStage",
          "UpdateSecret",
          "TagResource",
          "UntagResource");

  private static Set<Access> needs(Deployment deployment) {
    Optional<Set<ServiceCall>> recorded = ServiceCall.recorded(MODULES.get(deployment.function()));
    Assumptions.assumeTrue(
        recorded.isPresent(),
        "What the functions call is recorded by all the tests of rotator and consumer; run: mvn"
            + " verify");
    return deployment.needs(recorded.orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("io.keyturn.e2e.Deployment#all")
  void theRoleAllowsWhatTheFunctionNeeds(Deployment deployment) {
    Policy role = deployment.role().policy();
    Policy ofSecret = Deployment.secretPolicy(deployment.role().arn(), Map.of());
    for (Access need : needs(deployment)) {
      assertThat(role.decide(need)).as("%s", need).isEqualTo(Decision.ALLOWED);
      if (need.resource().equals(SECRET)) {
        assertThat(ofSecret.decide(need))
            .as("The secret's policy, for %s", need)
            .isNotEqualTo(Decision.DENIED);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.keyturn.e2e.Deployment#all")
  void theRoleAllowsNothingElse(Deployment deployment) {
    List<String> idle = new ArrayList<>();
    Policy role = deployment.role().policy();
    Set<Access> needs = needs(deployment);
    for (Statement statement : role.statements()) {
      for (Statement grant : statement.allows() ? grants(statement) : List.<Statement>of()) {
        if (allowsAll(without(grant, statement, role), needs)) {
          idle.add(grant.actions() + " on " + grant.resources());
        }
      }
    }
    assertThat(idle).as("Grants that no call needs").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("io.keyturn.e2e.Deployment#ofRotator")
  void theRotatorMayDoNothingToASecretThatDoesNotNameIt(Deployment deployment) {
    for (String operation : OPERATIONS) {
      Access access = deployment.byCode(Access.to("secretsmanager:" + operation, SECRET));
      Policy role = deployment.role().policy();

      assertThat(role.decide(access)).as(operation).isEqualTo(Decision.NOT_ALLOWED);
      for (String other :
          List.of(
              Deployment.ROTATOR + "-2", "arn:aws:lambda:eu-west-1:1:function:keyturn-rotator")) {
        assertThat(role.decide(access.with(Access.ROTATION_FUNCTION, other)))
            .as(operation)
            .isEqualTo(Decision.NOT_ALLOWED);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.keyturn.e2e.Deployment#ofQuery")
  void theQueryFunctionReadsNoOtherVersion(Deployment deployment) {
    Policy role = deployment.role().policy();
    Access read = deployment.byCode(Access.to("secretsmanager:GetSecretValue", SECRET));

    assertThat(role.decide(read)).isEqualTo(Decision.NOT_ALLOWED);
    assertThat(role.decide(read.with(Access.VERSION_STAGE, "another")))
        .isEqualTo(Decision.NOT_ALLOWED);
    assertThat(role.decide(read.with(Access.VERSION_STAGE, "AWSPENDING")))
        .isEqualTo(deployment.mayReadPending() ? Decision.ALLOWED : Decision.NOT_ALLOWED);
    OPERATIONS.stream()
        .filter(operation -> !operation.equals("GetSecretValue"))
        .forEach(
            operation ->
                assertThat(
                        role.decide(
                            deployment.byCode(Access.to("secretsmanager:" + operation, SECRET))))
                    .as(operation)
                    .isEqualTo(Decision.NOT_ALLOWED));
  }

  @ParameterizedTest
  @MethodSource("io.keyturn.e2e.Deployment#all")
  void theKeyIsUsedForSecretsAlone(Deployment deployment) {
    Policy role = deployment.role().policy();
    String otherAccounts = "arn:aws:secretsmanager:us-east-1:111111111111:secret:s-AbCdEf";
    for (String action : List.of("kms:Decrypt", "kms:GenerateDataKey")) {
      assertThat(role.decide(deployment.byCode(Access.to(action, KEY))))
          .isEqualTo(Decision.NOT_ALLOWED);
      assertThat(role.decide(deployment.useOfKey(action, KEY, otherAccounts)))
          .isEqualTo(Decision.NOT_ALLOWED);
      if (deployment.function().equals(QUERY)) {
        assertThat(role.decide(deployment.useOfKey(action, KEY, SECRET + "2")))
            .isEqualTo(Decision.NOT_ALLOWED);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.keyturn.e2e.Deployment#all")
  void theFunctionsCodeMayNotUseWhatLambdaNeedsForItsNetwork(Deployment deployment) {
    for (String action : Deployment.NETWORK_INTERFACES) {
      assertThat(deployment.role().policy().decide(deployment.byCode(Access.to(action, "*"))))
          .as(action)
          .isEqualTo(Decision.DENIED);
    }
  }

  @Test
  void onlyTheRotatorWritesTheSecret() {
    Policy policy = Deployment.secretPolicy(ROTATION_ROLE, Map.of());

    for (String principal : List.of("root", "role/another", "user/somebody")) {
      WRITES.forEach(write -> assertDenied(policy, IAM + principal, write));
      // Left to their own policies.
      assertNotDenied(policy, by(IAM + principal, "GetSecretValue"));
    }
    for (String write : List.of("PutSecretValue", "UpdateSecretVersionStage")) {
      assertNotDenied(policy, by(ROTATION_ROLE, write));
    }
    assertDenied(policy, ROTATION_ROLE, "UpdateSecret");
    // Nobody is locked out of the secret itself.
    for (String operation : List.of("DescribeSecret", "RotateSecret", "DeleteSecret")) {
      assertNotDenied(policy, by(IAM + "role/developer", operation));
    }
  }

  @Test
  void theNamedReadersReadDeploymentsUpdateAndBreakGlassMayDoBoth() {
    String roles = IAM + "role/";
    Policy policy =
        Deployment.secretPolicy(
            ROTATION_ROLE,
            Map.of(
                "SecretReaderArns", roles + "shop," + roles + "on-call-*",
                "BreakGlassRoleArn", roles + "break-glass",
                "DeploymentRoleArn", roles + "deploy"));

    for (String reader : List.of("shop", "on-call-1")) {
      assertNotDenied(policy, by(roles + reader, "GetSecretValue"));
      WRITES.forEach(write -> assertDenied(policy, roles + reader, write));
    }
    assertDenied(policy, roles + "another", "GetSecretValue");
    assertNotDenied(policy, by(ROTATION_ROLE, "GetSecretValue"));
    assertDenied(policy, roles + "deploy", "GetSecretValue");
    assertDenied(policy, roles + "deploy", "PutSecretValue");
    assertNotDenied(policy, by(roles + "deploy", "UpdateSecret"));
    assertNotDenied(policy, by(roles + "deploy", "TagResource"));
    OPERATIONS.forEach(operation -> assertNotDenied(policy, by(roles + "break-glass", operation)));
    WRITES.forEach(write -> assertNotDenied(policy, by(roles + "break-glass", write)));
    Access update = by(roles + "developer", "UpdateSecret");
    assertNotDenied(policy, update.with("aws:CalledVia", "cloudformation.amazonaws.com"));
    assertThat(policy.decide(update.with("aws:CalledVia", "athena.amazonaws.com")))
        .isEqualTo(Decision.DENIED);
  }

  private static void assertDenied(Policy policy, String principal, String operation) {
    assertThat(policy.decide(by(principal, operation)))
        .as("%s by %s", operation, principal)
        .isEqualTo(Decision.DENIED);
  }

  private static void assertNotDenied(Policy policy, Access access) {
    assertThat(policy.decide(access)).as("%s", access).isNotEqualTo(Decision.DENIED);
  }

  private static Access by(String principal, String operation) {
    return Access.to("secretsmanager:" + operation, SECRET).with("aws:PrincipalArn", principal);
  }

  private static boolean allowsAll(Policy policy, Set<Access> needs) {
    return needs.stream().allMatch(need -> policy.decide(need) == Decision.ALLOWED);
  }

  /** A statement as one for each of its actions on each of its resources. */
  private static List<Statement> grants(Statement statement) {
    List<Statement> grants = new ArrayList<>();
    for (String action : statement.actions()) {
      for (String resource : statement.resources()) {
        grants.add(
            new Statement(
                statement.allows(), List.of(action), List.of(resource), statement.conditions()));
      }
    }
    return grants;
  }

  private static Policy without(Statement grant, Statement statement, Policy role) {
    List<Statement> others = new ArrayList<>(role.statements());
    others.remove(statement);
    grants(statement).stream().filter(other -> !other.equals(grant)).forEach(others::add);
    return new Policy(others);
  }
}
