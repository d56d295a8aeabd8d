package io.keyturn.local.permissions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An IAM policy. An element that the local stack does not evaluate is an error.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html">Policy
 *     evaluation logic</a>
 */
public record Policy(List<Statement> statements) {
  private static final Set<String> KNOWN = Set.of("Version", "Id", "Statement");

  public Policy {
    statements = List.copyOf(statements);
  }

  /**
   * Reads a policy document.
   *
   * @param document maps, lists and texts
   * @throws PolicyException if it is wrong, or has an element that the local stack does not
   *     evaluate
   */
  public static Policy of(Object document) {
    Map<?, ?> policy = Elements.map(document, "A policy");
    Elements.requireKnown(policy, KNOWN, "A policy");
    Object statements = policy.get("Statement");
    if (statements == null) {
      throw new PolicyException("Statement is missing");
    }
    return new Policy(Elements.list(statements).stream().map(Statement::of).toList());
  }

  /** Returns one policy with the statements of all these. */
  public static Policy of(List<Policy> policies) {
    List<Statement> all = new ArrayList<>();
    policies.forEach(policy -> all.addAll(policy.statements()));
    return new Policy(all);
  }

  public Decision decide(Access access) {
    List<Statement> about =
        statements.stream().filter(statement -> statement.concerns(access)).toList();
    if (about.isEmpty()) {
      return Decision.NOT_ALLOWED;
    }
    return about.stream().allMatch(Statement::allows) ? Decision.ALLOWED : Decision.DENIED;
  }
}
