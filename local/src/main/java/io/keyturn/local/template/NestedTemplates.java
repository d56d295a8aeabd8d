package io.keyturn.local.template;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The nested templates of a template. Each is read when its outputs or resources are first needed,
 * since its parameters may need the outputs of another.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html">AWS::Serverless::Application</a>
 */
final class NestedTemplates {
  private static final Map<String, String> LOCATIONS =
      Map.of(
          "AWS::Serverless::Application", "Location", "AWS::CloudFormation::Stack", "TemplateURL");

  private final Path file;
  private final String path;
  private final Map<String, String> attributes;
  private final Map<String, SamTemplate> read = new LinkedHashMap<>();

  /**
   * @param path prefix of the logical ids of the nesting template's resources
   * @param attributes of the nesting template; those of a nested one begin with its id and a slash
   */
  NestedTemplates(Path file, String path, Map<String, String> attributes) {
    this.file = file;
    this.path = path;
    this.attributes = attributes;
  }

  /** Returns the template that this resource nests, or nothing if it is not a file. */
  Optional<SamTemplate> of(Resource resource) {
    if (!LOCATIONS.containsKey(resource.type())) {
      return Optional.empty();
    }
    SamTemplate before = read.get(resource.logicalId());
    if (before != null) {
      return Optional.of(before);
    }
    Optional<Path> nested = location(resource);
    nested.ifPresent(
        template ->
            read.put(
                resource.logicalId(),
                SamTemplate.read(
                    template,
                    parameters(resource),
                    attributesOf(resource.logicalId()),
                    path + resource.logicalId() + "/")));
    return nested.map(template -> read.get(resource.logicalId()));
  }

  private Optional<Path> location(Resource resource) {
    String property = LOCATIONS.get(resource.type());
    // An application of the Serverless Application Repository has a map here.
    return resource
        .get(property)
        .filter(String.class::isInstance)
        .map(String.class::cast)
        .filter(location -> !location.contains("://"))
        .map(
            location -> {
              Path nested = file.toAbsolutePath().resolveSibling(location).normalize();
              if (!Files.isRegularFile(nested)) {
                throw resource.place(property).error("there is no template " + nested);
              }
              return nested;
            });
  }

  private static Map<String, String> parameters(Resource resource) {
    Place place = resource.place("Parameters");
    Map<String, String> parameters = new LinkedHashMap<>();
    Values.map(resource.get("Parameters").orElse(null), place)
        .forEach((name, value) -> parameters.put(name, text(value, place.in(name))));
    return parameters;
  }

  /** Passes a list as CloudFormation does: comma-separated. */
  private static String text(Object value, Place place) {
    return value instanceof List<?> list
        ? list.stream().map(item -> Values.text(item, place)).collect(Collectors.joining(","))
        : Values.text(value, place);
  }

  private Map<String, String> attributesOf(String logicalId) {
    String prefix = logicalId + "/";
    Map<String, String> own = new LinkedHashMap<>();
    attributes.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            own.put(key.substring(prefix.length()), value);
          }
        });
    return own;
  }
}
