package io.keyturn.local.permissions;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The principals of a statement in a resource policy.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html">Principal</a>
 */
final class Principals {
  /** An account, which represents every principal in it. */
  private static final Pattern ACCOUNT =
      Pattern.compile("(?:arn:[a-z-]+:iam::)?([0-9]{12})(?::root)?");

  private Principals() {}

  /** Returns the condition that a caller must meet, or nothing if the statement is for everyone. */
  static Optional<Condition> condition(Object principal) {
    if (principal == null || principal.equals("*")) {
      return Optional.empty();
    }
    Map<?, ?> kinds = Elements.map(principal, "Principal");
    for (Object kind : kinds.keySet()) {
      if (!List.of("AWS", "Service").contains(kind)) {
        throw new PolicyException(
            "The local stack supports the principals AWS and Service, not " + kind);
      }
    }
    // No caller of the local stack is a service.
    List<String> names =
        kinds.containsKey("AWS") ? Elements.texts(kinds.get("AWS"), "Principal") : List.of();
    return names.contains("*")
        ? Optional.empty()
        : Optional.of(
            access ->
                access.values("aws:PrincipalArn").stream()
                    .anyMatch(caller -> names.stream().anyMatch(name -> is(caller, name))));
  }

  private static boolean is(String caller, String name) {
    Matcher account = ACCOUNT.matcher(name);
    return account.matches() ? caller.contains(":" + account.group(1) + ":") : caller.equals(name);
  }
}
