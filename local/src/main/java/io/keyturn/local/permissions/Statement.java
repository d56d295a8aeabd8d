package io.keyturn.local.permissions;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One statement of a policy.
 *
 * @param allows whether its Effect is Allow, not Deny
 */
public record Statement(
    boolean allows, List<String> actions, List<String> resources, List<Condition> conditions) {
  private static final Set<String> KNOWN =
      Set.of("Sid", "Effect", "Action", "Resource", "Principal", "Condition");

  public Statement {
    actions = List.copyOf(actions);
    resources = List.copyOf(resources);
    conditions = List.copyOf(conditions);
  }

  static Statement of(Object value) {
    Map<?, ?> statement = Elements.map(value, "A statement");
    Elements.requireKnown(statement, KNOWN, "A statement");
    List<Condition> conditions = new ArrayList<>(conditions(statement.get("Condition")));
    Principals.condition(statement.get("Principal")).ifPresent(conditions::add);
    return new Statement(
        allows(statement.get("Effect")),
        Elements.texts(statement.get("Action"), "Action"),
        Elements.texts(statement.get("Resource"), "Resource"),
        conditions);
  }

  /** Whether the statement applies to this access. */
  public boolean concerns(Access access) {
    return actions.stream().anyMatch(action -> Patterns.matchesInAnyCase(action, access.action()))
        && resources.stream().anyMatch(resource -> Patterns.matchesArn(resource, access.resource()))
        && conditions.stream().allMatch(condition -> condition.holds(access));
  }

  private static boolean allows(Object effect) {
    if ("Allow".equals(effect) || "Deny".equals(effect)) {
      return effect.equals("Allow");
    }
    throw new PolicyException("Effect must be Allow or Deny, not " + effect);
  }

  private static List<Condition> conditions(Object element) {
    List<Condition> conditions = new ArrayList<>();
    if (element != null) {
      Elements.map(element, "Condition")
          .forEach(
              (operator, keys) ->
                  Elements.map(keys, "Condition " + operator)
                      .forEach(
                          (key, values) ->
                              conditions.add(
                                  Condition.of(
                                      String.valueOf(operator),
                                      String.valueOf(key),
                                      Elements.texts(values, "Condition key " + key)))));
    }
    return conditions;
  }
}
