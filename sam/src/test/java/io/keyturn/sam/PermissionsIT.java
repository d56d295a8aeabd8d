package io.keyturn.sam;

import static io.keyturn.sam.Deployment.QUERY;
import static io.keyturn.sam.Deployment.ROTATION;
import static io.keyturn.sam.Deployment.SECRET;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The roles of the template hold what the functions need, and nothing else: compared with what the
 * functions called in their modules' tests.
 */
class PermissionsIT {
  private static final Map<String, Path> MODULES =
      Map.of(ROTATION, Path.of("../rotator"), QUERY, Path.of("../consumer"));

  private static final List<String> WRITES =
      List.of("PutSecretValue", "UpdateSecretVersionStage", "UpdateSecret");

  static Stream<Deployment> deployments() {
    return Deployment.all();
  }

  private static Set<Access> needs(Deployment deployment, String function) {
    Optional<Set<ServiceCall>> recorded = ServiceCall.recorded(MODULES.get(function));
    Assumptions.assumeTrue(
        recorded.isPresent(),
        "What the functions call is recorded by all the tests of rotator and consumer; run: mvn"
            + " verify");
    return deployment.needs(function, recorded.orElseThrow());
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void theRolesAllowWhatTheFunctionsNeed(Deployment deployment) {
    for (String function : MODULES.keySet()) {
      Policy role = deployment.role(function).policy();
      Policy ofSecret = deployment.secretPolicy().orElse(new Policy(List.of()));
      for (Access need : needs(deployment, function)) {
        assertThat(role.decide(need)).as("%s of %s", need, function).isEqualTo(Decision.ALLOWED);
        if (need.resource().equals(SECRET)) {
          assertThat(ofSecret.decide(need))
              .as("The secret's policy, for %s of %s", need, function)
              .isNotEqualTo(Decision.DENIED);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void theRolesAllowNothingElse(Deployment deployment) {
    List<String> idle = new ArrayList<>();
    for (String function : MODULES.keySet()) {
      Policy role = deployment.role(function).policy();
      Set<Access> needs = needs(deployment, function);
      for (Statement statement : role.statements()) {
        for (Statement grant : statement.allows() ? grants(statement) : List.<Statement>of()) {
          if (allowsAll(without(grant, statement, role), needs)) {
            idle.add(function + ": " + grant.actions() + " on " + grant.resources());
          }
        }
      }
    }
    assertThat(idle).as("Grants that no call needs").isEmpty();
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void theQueryFunctionReadsNoOtherVersion(Deployment deployment) {
    Policy role = deployment.role(QUERY).policy();
    Access read = deployment.byCode(QUERY, Access.to("secretsmanager:GetSecretValue", SECRET));

    assertThat(role.decide(read)).isEqualTo(Decision.NOT_ALLOWED);
    assertThat(role.decide(read.with(Access.VERSION_STAGE, "AWSPREVIOUS")))
        .isEqualTo(Decision.NOT_ALLOWED);
    assertThat(role.decide(read.with(Access.VERSION_STAGE, "AWSPENDING")))
        .isEqualTo(deployment.mayReadPending() ? Decision.ALLOWED : Decision.NOT_ALLOWED);
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void theKeyIsUsedForTheSecretAlone(Deployment deployment) {
    String key = deployment.key().orElseThrow();
    for (String function : MODULES.keySet()) {
      Policy role = deployment.role(function).policy();
      for (String action : List.of("kms:Decrypt", "kms:GenerateDataKey")) {
        assertThat(role.decide(deployment.byCode(function, Access.to(action, key))))
            .isEqualTo(Decision.NOT_ALLOWED);
        assertThat(role.decide(deployment.useOfKey(function, action, key, SECRET + "2")))
            .isEqualTo(Decision.NOT_ALLOWED);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void theFunctionsCodeMayNotUseWhatLambdaNeedsForItsNetwork(Deployment deployment) {
    for (String function : MODULES.keySet()) {
      for (String action : Deployment.NETWORK_INTERFACES) {
        Access access = deployment.byCode(function, Access.to(action, "*"));
        assertThat(deployment.role(function).policy().decide(access))
            .as("%s of %s", action, function)
            .isEqualTo(Decision.DENIED);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void nobodyElseReadsOrWritesTheSecret(Deployment deployment) {
    Policy policy = deployment.secretPolicy().orElseThrow();
    String account = "arn:aws:iam::000000000000:";
    for (String principal : List.of("root", "role/another", "user/somebody")) {
      assertDenied(policy, account + principal, "GetSecretValue");
      WRITES.forEach(write -> assertDenied(policy, account + principal, write));
    }
    String queryRole = deployment.role(QUERY).arn();
    WRITES.forEach(write -> assertDenied(policy, queryRole, write));
  }

  @Test
  void theNamedReadersReadAndDeploymentsUpdate() {
    String roles = "arn:aws:iam::000000000000:role/";
    Policy policy =
        Deployment.with(
                Map.of(
                    "SecretReaderArns", roles + "break-glass," + roles + "on-call-*",
                    "DeploymentRoleArn", roles + "deploy"))
            .secretPolicy()
            .orElseThrow();

    for (String reader : List.of("break-glass", "on-call-1")) {
      assertNotDenied(policy, by(roles + reader, "GetSecretValue"));
      WRITES.forEach(write -> assertDenied(policy, roles + reader, write));
    }
    assertDenied(policy, roles + "deploy", "GetSecretValue");
    assertNotDenied(policy, by(roles + "deploy", "UpdateSecret"));
    Access update = by(roles + "developer", "UpdateSecret");
    assertNotDenied(policy, update.with("aws:CalledVia", "cloudformation.amazonaws.com"));
    assertThat(policy.decide(update.with("aws:CalledVia", "athena.amazonaws.com")))
        .isEqualTo(Decision.DENIED);
    // Nobody is locked out of the secret itself.
    for (String operation : List.of("DescribeSecret", "RotateSecret", "DeleteSecret")) {
      assertNotDenied(policy, by(roles + "developer", operation));
    }
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
