package io.keyturn.bench.measure;

import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.support.CheckoutFile;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateFunction;
import io.keyturn.local.template.TemplateSecret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
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
      BenchStack stack,
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
        .withEnvironment(environment(stack));
  }

  private static Map<String, String> environment(BenchStack stack) {
    Map<String, String> environment = new HashMap<>(stack.trust());
    environment.put("AWS_ENDPOINT_URL", stack.endpoint().toString());
    environment.put("SECRETS_MANAGER_ENDPOINT", stack.endpoint().toString());
    return environment;
  }

  private static Path template() {
    return CheckoutFile.find("sam/template.yaml", PackagedFunctions.class)
        .orElseThrow(
            () ->
                new BenchException(
                    "sam/template.yaml was found neither here nor beside this jar; run it from the checkout"));
  }
}
