package io.keyturn.local.template;

import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fn::Sub: replaces what stands in {@code ${}} within a text.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-sub.html">Fn::Sub</a>
 */
final class Substitution {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(!?)([^{}]*)}");

  private final Map<String, Object> variables;
  private final Evaluation evaluation;
  private final Place place;

  private Substitution(Map<String, Object> variables, Evaluation evaluation, Place place) {
    this.variables = variables;
    this.evaluation = evaluation;
    this.place = place;
  }

  /** Replaces within a text, or within the first of a text and a map of further variables. */
  static String evaluate(Object argument, Evaluation evaluation, Place place) {
    if (argument instanceof String text) {
      return new Substitution(Map.of(), evaluation, place).in(text);
    }
    List<?> parts =
        Values.arguments(argument, 2, 2, "a string or [string, map of variables]", place);
    Map<String, Object> variables = Values.map(parts.get(1), place.in(1));
    return new Substitution(variables, evaluation, place)
        .in(Values.text(parts.get(0), place.in(0)));
  }

  private String in(String text) {
    return VARIABLE.matcher(text).replaceAll(match -> Matcher.quoteReplacement(replacement(match)));
  }

  private String replacement(MatchResult match) {
    String name = match.group(2);
    if (!match.group(1).isEmpty()) {
      return "${" + name + "}";
    }
    String variable = name.strip();
    if (variables.containsKey(variable)) {
      return evaluation.text(variables.get(variable), place.in(variable));
    }
    String function = variable.contains(".") ? "Fn::GetAtt" : "Ref";
    return evaluation.text(Map.of(function, variable), place);
  }
}
