package io.keyturn.local.template;

import io.keyturn.local.lambda.FunctionDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the functions of a template.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html">AWS::Serverless::Function</a>
 */
final class FunctionReader {
  private final Path file;
  private final Map<String, Object> globals;
  private final References references;

  FunctionReader(Path file, Map<String, Object> globals, References references) {
    this.file = file;
    this.globals = globals;
    this.references = references;
  }

  List<TemplateFunction> read(Map<String, Resource> resources) {
    RoleReader roles = new RoleReader(resources);
    return resources.values().stream()
        .filter(resource -> resource.type().equals(References.FUNCTION))
        .map(
            resource ->
                resource.with(
                    Values.map(Globals.merge(globals, resource.properties()), resource.place())))
        .map(resource -> function(resource, roles))
        .toList();
  }

  private TemplateFunction function(Resource resource, RoleReader roles) {
    resource
        .text("Runtime")
        .filter(runtime -> !runtime.startsWith("java") && !runtime.startsWith("provided"))
        .ifPresent(
            runtime -> {
              throw resource
                  .place("Runtime")
                  .error(
                      "the local stack runs Java functions only, such as java17, not " + runtime);
            });
    String name = references.functionName(resource.logicalId());
    Path jar = jar(resource);
    String handler =
        resource.requiredText("Handler", "a class, such as com.example.Handler::handleRequest");
    Duration timeout =
        resource
            .integer("Timeout")
            .map(Duration::ofSeconds)
            .orElse(FunctionDefinition.DEFAULT_TIMEOUT);
    int memory = resource.integer("MemorySize").orElse(FunctionDefinition.DEFAULT_MEMORY_SIZE);
    Map<String, String> variables = variables(resource);
    try {
      return new TemplateFunction(
          resource.logicalId(),
          new FunctionDefinition(
              name,
              FunctionDefinition.localArn(name),
              jar,
              handler,
              variables,
              timeout,
              memory,
              resource.text("AutoPublishAlias")),
          roles.of(resource));
    } catch (IllegalArgumentException e) {
      throw resource.place().error(e.getMessage(), e);
    }
  }

  private Path jar(Resource resource) {
    String uri = resource.requiredText("CodeUri", "the path of the function's jar");
    Path jar = file.toAbsolutePath().resolveSibling(uri).normalize();
    if (Files.isRegularFile(jar.resolve("bootstrap"))) {
      return jar;
    }
    if (Files.isDirectory(jar)) {
      throw resource
          .place("CodeUri")
          .error(jar + " is a folder; the path of the function's jar is expected");
    }
    if (!Files.isRegularFile(jar)) {
      throw resource
          .place("CodeUri")
          .error("there is no jar " + jar + "; build it with: mvn package");
    }
    return jar;
  }

  /** Lambda passes the logging configuration to the runtime in environment variables. */
  private static Map<String, String> logging(Resource resource) {
    Place place = resource.place("LoggingConfig");
    Map<String, Object> config = Values.map(resource.get("LoggingConfig").orElse(null), place);
    Map<String, String> variables = new LinkedHashMap<>();
    if (config.containsKey("LogFormat")) {
      variables.put(
          "AWS_LAMBDA_LOG_FORMAT", Values.text(config.get("LogFormat"), place.in("LogFormat")));
    }
    if (config.containsKey("ApplicationLogLevel")) {
      variables.put(
          "AWS_LAMBDA_LOG_LEVEL",
          Values.text(config.get("ApplicationLogLevel"), place.in("ApplicationLogLevel")));
    }
    return variables;
  }

  private static Map<String, String> variables(Resource resource) {
    Place place = resource.place("Environment");
    Map<String, Object> environment = Values.map(resource.get("Environment").orElse(null), place);
    Place variables = place.in("Variables");
    Map<String, String> result = new LinkedHashMap<>(logging(resource));
    Values.map(environment.get("Variables"), variables)
        .forEach((name, value) -> result.put(name, Values.text(value, variables.in(name))));
    return result;
  }
}
