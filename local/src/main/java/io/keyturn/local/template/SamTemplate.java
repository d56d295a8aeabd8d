package io.keyturn.local.template;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the local stack needs of a SAM template: its functions and what they may do, its secrets,
 * and when they are rotated.
 *
 * <p>Parameters, conditions and intrinsic functions are evaluated as far as that needs. {@code Ref}
 * of a function is its name, of its alias the alias's ARN, its attribute {@code Arn} its
 * {@linkplain io.keyturn.local.lambda.FunctionDefinition#localArn local ARN}, and roles and keys
 * have local ARNs too. Any other reference whose value is not given is {@code keyturn-local:} with
 * the resource and the attribute, such as {@code keyturn-local:Database.Endpoint.Address}.
 */
public final class SamTemplate {
  private final List<TemplateFunction> functions;
  private final List<TemplateSecret> secrets;
  private final List<TemplateSchedule> rotationSchedules;
  private final Map<String, Object> outputs;
  private final Place outputsPlace;
  private final Intrinsics intrinsics;

  private SamTemplate(
      List<TemplateFunction> functions,
      List<TemplateSecret> secrets,
      List<TemplateSchedule> schedules,
      Map<String, Object> outputs,
      Place outputsPlace,
      Intrinsics intrinsics) {
    this.functions = functions;
    this.secrets = secrets;
    this.rotationSchedules = schedules;
    this.outputs = outputs;
    this.outputsPlace = outputsPlace;
    this.intrinsics = intrinsics;
  }

  /** Reads a template with its parameters' defaults. */
  public static SamTemplate read(Path file) {
    return read(file, Map.of(), Map.of());
  }

  /** The names of a template's parameters. */
  public static Set<String> parameterNames(Path file) {
    return section(TemplateYaml.read(file), "Parameters", Place.top(file)).keySet();
  }

  /**
   * Reads a template.
   *
   * @param parameters values of parameters, instead of their defaults
   * @param attributes what resources' references stand for: the logical id for what {@code Ref}
   *     yields, {@code LogicalId.Attribute} for an attribute, and a whole {@code {{resolve:...}}};
   *     those of a nested template with its logical id and a slash before them
   * @throws TemplateException if it cannot be read so, or a function's jar is missing
   */
  public static SamTemplate read(
      Path file, Map<String, String> parameters, Map<String, String> attributes) {
    return read(file, parameters, attributes, "");
  }

  /**
   * Reads a template that another nests.
   *
   * @param path what the logical ids of its resources begin with outside of it
   */
  static SamTemplate read(
      Path file, Map<String, String> parameters, Map<String, String> attributes, String path) {
    Map<String, Object> document = TemplateYaml.read(file);
    Place top = Place.top(file);
    Place section = top.in("Resources");
    Map<String, Object> resources = new LinkedHashMap<>(section(document, "Resources", top));
    if (resources.isEmpty()) {
      throw top.error("it has no Resources; a SAM template is expected");
    }
    Conditions conditions =
        new Conditions(section(document, "Conditions", top), top.in("Conditions"));
    Map<String, Object> globals =
        Values.map(
            section(document, "Globals", top).get("Function"), top.in("Globals").in("Function"));
    References references =
        new References(
            new Parameters(top.in("Parameters"), section(document, "Parameters", top), parameters),
            resources,
            globals,
            section,
            attributes,
            path);
    Intrinsics intrinsics = new Intrinsics(references, conditions);
    conditions.compareBy(intrinsics);
    NestedTemplates nested = new NestedTemplates(file, path, attributes);
    references.evaluateBy(
        intrinsics,
        (resource, output) -> nested.of(resource).map(template -> template.output(output)));

    // References may not name what a condition leaves out.
    resources
        .entrySet()
        .removeIf(entry -> !isPresent(entry.getValue(), section.in(entry.getKey()), conditions));
    Map<String, Resource> present = new LinkedHashMap<>();
    resources.forEach(
        (id, resource) -> present.put(id, Resource.of(id, resource, section.in(id), intrinsics)));
    List<TemplateFunction> functions =
        new ArrayList<>(new FunctionReader(file, globals, references).read(present));
    SecretReader secretReader = new SecretReader(present);
    List<TemplateSecret> secrets = new ArrayList<>(secretReader.read());
    List<TemplateSchedule> schedules =
        new ArrayList<>(new ScheduleReader(functions, secretReader).read(present));
    for (Resource resource : present.values()) {
      nested
          .of(resource)
          .ifPresent(
              template -> {
                String id = resource.logicalId() + "/";
                template.functions.forEach(function -> functions.add(function.within(id)));
                template.secrets.forEach(secret -> secrets.add(secret.within(id)));
                template.rotationSchedules.forEach(schedule -> schedules.add(schedule.within(id)));
              });
    }
    schedules.replaceAll(schedule -> schedule.linked(functions));
    Place outputs = top.in("Outputs");
    return new SamTemplate(
        List.copyOf(functions),
        List.copyOf(secrets),
        List.copyOf(schedules),
        section(document, "Outputs", top),
        outputs,
        intrinsics);
  }

  /** The value of an output. */
  String output(String name) {
    Place place = outputsPlace.in(name);
    if (!outputs.containsKey(name)) {
      throw place.error("there is no such output; the template has " + outputs.keySet());
    }
    Place value = place.in("Value");
    return intrinsics.text(Values.map(outputs.get(name), place).get("Value"), value);
  }

  /** In the template's order, and after its own those of the templates that it nests. */
  public List<TemplateFunction> functions() {
    return functions;
  }

  /** In the template's order. */
  public List<TemplateSecret> secrets() {
    return secrets;
  }

  /** In the template's order. */
  public List<TemplateSchedule> rotationSchedules() {
    return rotationSchedules;
  }

  private static boolean isPresent(Object resource, Place place, Conditions conditions) {
    Object condition = Values.map(resource, place).get("Condition");
    Place here = place.in("Condition");
    return condition == null || conditions.named(Values.text(condition, here), here);
  }

  private static Map<String, Object> section(Map<String, Object> document, String name, Place top) {
    return Values.map(document.get(name), top.in(name));
  }
}
