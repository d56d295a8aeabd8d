package io.keyturn.local.template;

import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.support.LocalAccount;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Resolves names in a template: parameters, pseudo parameters and resources. */
final class References {
  static final String FUNCTION = "AWS::Serverless::Function";
  static final String ROLE = "AWS::IAM::Role";

  /** Precedes the name of a resource or attribute whose value is not given. */
  private static final String PLACEHOLDER = "keyturn-local:";

  private static final String KEY = "AWS::KMS::Key";

  private static final String ALIAS = ".Alias";
  private static final String OUTPUTS = "Outputs.";

  private static final Map<String, String> PSEUDO_PARAMETERS =
      Map.of(
          "AWS::AccountId",
          LocalAccount.ID,
          "AWS::Partition",
          "aws",
          "AWS::Region",
          LocalAccount.REGION,
          "AWS::StackName",
          "keyturn",
          "AWS::StackId",
          LocalAccount.arn("cloudformation", "stack/keyturn/local"),
          "AWS::URLSuffix",
          "amazonaws.com");

  private static final Pattern DYNAMIC = Pattern.compile("\\{\\{resolve:[^}]*}}");

  private final Parameters parameters;
  private final Map<String, Object> resources;
  private final Map<String, Object> functionGlobals;
  private final Place section;
  private final Map<String, String> given;
  private final String path;
  private final Set<String> underEvaluation = new HashSet<>();
  private Evaluation evaluation;
  private BiFunction<Resource, String, Optional<String>> nestedOutputs;

  References(
      Parameters parameters,
      Map<String, Object> resources,
      Map<String, Object> functionGlobals,
      Place section,
      Map<String, String> given,
      String path) {
    this.parameters = parameters;
    this.resources = resources;
    this.functionGlobals = functionGlobals;
    this.section = section;
    this.given = Map.copyOf(given);
    this.path = path;
  }

  /**
   * Sets what evaluates functions' names, and what finds an output of the template that a resource
   * nests. Both need these references themselves.
   */
  void evaluateBy(
      Evaluation values, BiFunction<Resource, String, Optional<String>> outputsOfNested) {
    evaluation = values;
    nestedOutputs = outputsOfNested;
  }

  /** Returns the value of Ref: a string, or a list of strings for a list parameter. */
  Object ref(String name, Place place) {
    if (PSEUDO_PARAMETERS.containsKey(name)) {
      return PSEUDO_PARAMETERS.get(name);
    }
    if (parameters.has(name)) {
      return parameters.value(name);
    }
    if (given.containsKey(name)) {
      return given.get(name);
    }
    if (name.endsWith(ALIAS)) {
      return aliasArn(name.substring(0, name.length() - ALIAS.length()), place);
    }
    return switch (type(name, place)) {
      case FUNCTION -> functionName(name);
      case ROLE, KEY -> name;
      default -> PLACEHOLDER + path + name;
    };
  }

  /** SAM creates a resource of this name for the alias of AutoPublishAlias. */
  private String aliasArn(String function, Place place) {
    if (!type(function, place).equals(FUNCTION)) {
      throw place.error(function + " is not an AWS::Serverless::Function, so it has no alias");
    }
    String property = "AutoPublishAlias";
    Object alias =
        functionProperties(function).getOrDefault(property, functionGlobals.get(property));
    if (alias == null) {
      throw place.error(function + " has no " + property);
    }
    return FunctionDefinition.localArn(functionName(function))
        + ":"
        + evaluation.text(alias, section.in(function).in("Properties").in(property));
  }

  String getAtt(String resource, String attribute, Place place) {
    String key = resource + "." + attribute;
    if (given.containsKey(key)) {
      return given.get(key);
    }
    String type = type(resource, place);
    if (attribute.startsWith(OUTPUTS)) {
      return nestedOutput(resource, attribute.substring(OUTPUTS.length()))
          .orElse(PLACEHOLDER + path + key);
    }
    if (!attribute.equals("Arn")) {
      return PLACEHOLDER + path + key;
    }
    return switch (type) {
      case FUNCTION -> FunctionDefinition.localArn(functionName(resource));
      case ROLE -> FunctionRole.localArn(resource);
      case KEY -> LocalAccount.arn("kms", "key/" + resource);
      default -> PLACEHOLDER + path + key;
    };
  }

  private Optional<String> nestedOutput(String resource, String output) {
    Place place = section.in(resource);
    if (!underEvaluation.add(resource)) {
      throw place.error("its parameters depend on its own outputs");
    }
    try {
      return nestedOutputs.apply(
          Resource.of(resource, resources.get(resource), place, evaluation), output);
    } finally {
      underEvaluation.remove(resource);
    }
  }

  /** Replaces references to other services, such as {{resolve:ssm:name}}. */
  String resolveDynamic(String text, Place place) {
    if (!text.contains("{{resolve:")) {
      return text;
    }
    return DYNAMIC
        .matcher(text)
        .replaceAll(match -> Matcher.quoteReplacement(resolved(match.group(), place)));
  }

  private String resolved(String reference, Place place) {
    String value = given.get(reference);
    if (value == null) {
      throw place.error(
          "%1$s is not known here; pass its value with the template's attributes, as \"%1$s\""
              .formatted(reference));
    }
    return value;
  }

  /** Returns FunctionName, or the logical id where CloudFormation would generate a name. */
  String functionName(String logicalId) {
    Place place = section.in(logicalId);
    Map<String, Object> properties = functionProperties(logicalId);
    if (!properties.containsKey("FunctionName")) {
      return logicalId;
    }
    Place name = place.in("Properties").in("FunctionName");
    if (!underEvaluation.add(logicalId)) {
      throw name.error("it depends on itself");
    }
    try {
      Object value = evaluation.evaluate(properties.get("FunctionName"), name);
      return value == null ? logicalId : Values.text(value, name);
    } finally {
      underEvaluation.remove(logicalId);
    }
  }

  private Map<String, Object> functionProperties(String logicalId) {
    Place place = section.in(logicalId);
    return Values.map(
        Values.map(resources.get(logicalId), place).get("Properties"), place.in("Properties"));
  }

  private String type(String name, Place place) {
    if (!resources.containsKey(name)) {
      throw place.error(
          "%s is neither a parameter nor a resource of this template, or its Condition is false; correct the name, or pass its value with the template's attributes"
              .formatted(name));
    }
    return String.valueOf(Values.map(resources.get(name), section.in(name)).get("Type"));
  }
}
