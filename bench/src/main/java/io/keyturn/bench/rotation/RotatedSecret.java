package io.keyturn.bench.rotation;

import io.keyturn.bench.measure.BenchException;
import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.measure.LoginCount;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationReport;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.RehearsalRole;
import io.keyturn.local.stack.Strategy;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A secret and its role, which a function rotates. Both exist as long as the stack. */
public final class RotatedSecret {
  private final BenchStack stack;
  private final String name;
  private final RehearsalRole role;
  private final String adminArn;
  private final String arn;
  private final LoginCount logins;
  private final Map<String, CompletableFuture<RotationReport>> rotations =
      new ConcurrentHashMap<>();

  /**
   * @param name of the role, and the secret
   */
  public RotatedSecret(BenchStack stack, String name, Strategy strategy) {
    this.stack = stack;
    this.name = name;
    role = RehearsalRole.create(stack.distantPostgres(), name, true);
    adminArn = strategy == Strategy.SINGLE ? "" : create(name + "_admin", role.adminSecretJson());
    arn = create(name, role.secretJson(adminArn));
    logins = new LoginCount(stack.postgres(), name + "(?:_clone|_admin)?");
    stack
        .secretsManager()
        .addRotationListener(
            RotationListener.ofEnds(
                report -> {
                  CompletableFuture<RotationReport> waiting = rotations.remove(report.versionId());
                  if (waiting != null) {
                    waiting.complete(report);
                  }
                }));
  }

  private String create(String name, String value) {
    return stack.client().createSecret(r -> r.name(name).secretString(value)).arn();
  }

  public String name() {
    return name;
  }

  public String arn() {
    return arn;
  }

  /** Returns the template's parameters for the server, the user and its admin. */
  public Map<String, String> parameters() {
    Map<String, String> parameters = new ConcurrentHashMap<>(role.parameters());
    parameters.put("AdminSecretArn", adminArn);
    return parameters;
  }

  public String postgresVersion() {
    return role.serverVersion();
  }

  LoginCount logins() {
    return logins;
  }

  /**
   * Rotates once, as RotateSecret does.
   *
   * @throws BenchException if a step fails
   */
  void rotate(FunctionDefinition function) {
    String version = UUID.randomUUID().toString();
    CompletableFuture<RotationReport> rotation = new CompletableFuture<>();
    rotations.put(version, rotation);
    stack
        .client()
        .rotateSecret(
            r -> r.secretId(arn).rotationLambdaARN(function.arn()).clientRequestToken(version));
    RotationReport report = rotation.join();
    if (!report.succeeded()) {
      String failure =
          report.steps().stream()
              .filter(step -> step.error().isPresent())
              .findFirst()
              .map(RotatedSecret::describe)
              .orElse("it was cancelled");
      throw new BenchException("The rotation failed: " + failure);
    }
  }

  private static String describe(RotationStepReport step) {
    return step.step() + ": " + step.error().orElseThrow();
  }
}
