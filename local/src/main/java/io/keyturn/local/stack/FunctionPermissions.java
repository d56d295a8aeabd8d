package io.keyturn.local.stack;

import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Authorizer;
import io.keyturn.local.permissions.Decision;
import io.keyturn.local.permissions.Policy;
import io.keyturn.local.support.LocalAccount;
import io.keyturn.local.template.FunctionRole;
import io.keyturn.local.template.TemplateFunction;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Allows a function what its role and the resource policies of the secrets allow. Other callers,
 * such as the operator, may do everything.
 */
final class FunctionPermissions implements Authorizer {
  private static final Policy NONE = new Policy(List.of());

  private final Map<String, Caller> callers = new ConcurrentHashMap<>();
  private final Map<String, Policy> secretPolicies = new ConcurrentHashMap<>();
  private volatile Function<String, Optional<Policy>> put = secretArn -> Optional.empty();

  private record Caller(FunctionDefinition function, FunctionRole role) {
    String principal() {
      return LocalAccount.globalArn(
          "sts", "assumed-role/%s/%s".formatted(role.name(), function.name()));
    }

    /** Adds the condition keys of every request from the function. */
    Access asking(Access access) {
      return access
          .with("aws:PrincipalArn", role.arn())
          .with("aws:PrincipalAccount", LocalAccount.ID)
          .with("lambda:SourceFunctionArn", function.arn());
    }
  }

  /** Applies the function's role, if the template has it. */
  void add(TemplateFunction function) {
    FunctionDefinition definition = function.definition();
    function
        .role()
        .ifPresent(role -> callers.put(definition.accessKeyId(), new Caller(definition, role)));
  }

  /** Sets where policies from PutResourcePolicy are found. */
  void resourcePolicies(Function<String, Optional<Policy>> policies) {
    put = policies;
  }

  void attach(String secretArn, Policy policy) {
    secretPolicies.put(secretArn, policy);
  }

  @Override
  public Optional<Denial> denial(String accessKeyId, Access access) {
    return Optional.ofNullable(callers.get(accessKeyId)).flatMap(caller -> denial(caller, access));
  }

  private Optional<Denial> denial(Caller caller, Access access) {
    Access asked = caller.asking(access);
    Decision ofRole = caller.role().policy().decide(asked);
    if (ofRole == Decision.DENIED) {
      return Optional.of(Denial.explicit(caller.principal(), "an identity-based policy"));
    }
    Decision ofSecret =
        Policy.of(
                List.of(
                    secretPolicies.getOrDefault(access.resource(), NONE),
                    put.apply(access.resource()).orElse(NONE)))
            .decide(asked);
    if (ofSecret == Decision.DENIED) {
      return Optional.of(Denial.explicit(caller.principal(), "a resource-based policy"));
    }
    return ofRole == Decision.ALLOWED || ofSecret == Decision.ALLOWED
        ? Optional.empty()
        : Optional.of(Denial.notAllowed(caller.principal(), access.action()));
  }
}
