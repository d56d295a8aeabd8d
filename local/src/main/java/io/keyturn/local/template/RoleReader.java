package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;
import io.keyturn.local.permissions.PolicyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the permissions of functions: from their roles in the template, or from the statements from
 * which SAM creates a role.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html#sam-function-policies">Policies
 *     of AWS::Serverless::Function</a>
 */
final class RoleReader {
  private final Map<String, Resource> resources;

  RoleReader(Map<String, Resource> resources) {
    this.resources = resources;
  }

  /**
   * Returns the function's role, or nothing if the template does not define its permissions: the
   * role is not in the template, or the function uses SAM policy templates.
   */
  Optional<FunctionRole> of(Resource function) {
    Optional<String> role = function.text("Role");
    if (role.isPresent()) {
      return resources.values().stream()
          .filter(resource -> resource.type().equals(References.ROLE))
          .filter(resource -> resource.attribute("Arn").equals(role.get()))
          .findFirst()
          .map(RoleReader::role);
    }
    List<?> policies = list(function.get("Policies").orElse(List.of()));
    if (!policies.stream().allMatch(RoleReader::isDocument)) {
      return Optional.empty();
    }
    return Optional.of(
        new FunctionRole(
            FunctionRole.localArn(function.logicalId() + "Role"),
            policy(policies, function.place("Policies"))));
  }

  private static FunctionRole role(Resource role) {
    for (String elsewhere : List.of("ManagedPolicyArns", "PermissionsBoundary")) {
      if (role.get(elsewhere).isPresent()) {
        throw role.place(elsewhere)
            .error("the local stack supports only a role's own Policies; put the statements there");
      }
    }
    Place place = role.place("Policies");
    List<Object> documents = new ArrayList<>();
    for (Object policy : list(role.get("Policies").orElse(List.of()))) {
      documents.add(Values.map(policy, place).get("PolicyDocument"));
    }
    return new FunctionRole(role.attribute("Arn"), policy(documents, place));
  }

  static Policy policy(List<?> documents, Place place) {
    try {
      return Policy.of(documents.stream().map(Policy::of).toList());
    } catch (PolicyException e) {
      throw place.error(e.getMessage(), e);
    }
  }

  private static boolean isDocument(Object policy) {
    return policy instanceof Map<?, ?> map && map.containsKey("Statement");
  }

  private static List<?> list(Object value) {
    return value instanceof List<?> list ? list : List.of(value);
  }
}
