package io.keyturn.bench.measure;

import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateFunction;
import io.keyturn.local.template.TemplateSecret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keyturn's functions as the SAM template of this checkout deploys them. */
public final class PackagedFunctions {
  public static final String ROTATOR = "io.keyturn.rotator.";
  public static final String CONSUMER = "io.keyturn.consumer.";

  private PackagedFunctions() {}

  /**
   * One of the functions.
   *
   * @param handler what its handler begins with
   * @param name that it is to have
   * @param parameters of the template; it may lack some of them
   * @param memory in MB
   */
  public static FunctionDefinition read(
      String handler,
      String name,
      Map<String, String> parameters,
      String secretArn,
      URI endpoint,
      int memory) {
    Path template = template();
    Map<String, String> known = new HashMap<>(parameters);
    known.keySet().retainAll(SamTemplate.parameterNames(template));
    Map<String, String> secrets = new HashMap<>();
    for (TemplateSecret secret : SamTemplate.read(template, known, Map.of()).secrets()) {
      secrets.put(secret.logicalId(), secretArn);
    }
    FunctionDefinition function =
        SamTemplate.read(template, known, secrets).functions().stream()
            .map(TemplateFunction::definition)
            .filter(definition -> definition.handler().startsWith(handler))
            .findFirst()
            .orElseThrow(
                () ->
                    new BenchException(template + " has no function whose handler is " + handler));
    if (!Files.isRegularFile(function.jar())) {
      throw new BenchException(
          "There is no " + function.jar() + "; build it with: mvn -DskipTests package");
    }
    return new FunctionDefinition(
            name,
            FunctionDefinition.localArn(name),
            function.jar(),
            function.handler(),
            function.environment(),
            function.timeout(),
            memory)
        .withEnvironment(
            Map.of(
                "AWS_ENDPOINT_URL", endpoint.toString(),
                "SECRETS_MANAGER_ENDPOINT", endpoint.toString()));
  }

  private static Path template() {
    for (Path candidate : List.of(Path.of("sam/template.yaml"), besideThisJar())) {
      if (Files.isRegularFile(candidate)) {
        return candidate;
      }
    }
    throw new BenchException(
        "sam/template.yaml was found neither here nor beside this jar; run it from the checkout");
  }

  /** The jar is bench/target/bench.jar of the checkout. */
  private static Path besideThisJar() {
    try {
      Path jar =
          Path.of(
              PackagedFunctions.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return jar.resolveSibling("../../sam/template.yaml").normalize();
    } catch (URISyntaxException e) {
      throw new BenchException("The location of this jar is unknown; run it from the checkout", e);
    }
  }
}
