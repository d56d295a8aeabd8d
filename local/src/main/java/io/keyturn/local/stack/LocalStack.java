package io.keyturn.local.stack;

import io.keyturn.local.lambda.DataApi;
import io.keyturn.local.lambda.FunctionDefinition;
import io.keyturn.local.lambda.LambdaApi;
import io.keyturn.local.lambda.LambdaSettings;
import io.keyturn.local.lambda.LocalLambda;
import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.local.secretsmanager.LocalSecretsManager;
import io.keyturn.local.secretsmanager.schedule.SchedulePeriod;
import io.keyturn.local.support.LocalAccount;
import io.keyturn.local.support.LocalClock;
import io.keyturn.local.support.LocalTls;
import io.keyturn.local.support.LoopbackServer;
import io.keyturn.local.support.RunFolder;
import io.keyturn.local.support.StackException;
import io.keyturn.local.support.StartedParts;
import io.keyturn.local.template.SamTemplate;
import io.keyturn.local.template.TemplateFunction;
import io.keyturn.local.template.TemplateSchedule;
import io.keyturn.local.template.TemplateSecret;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.RotateSecretRequest;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/**
 * PostgreSQL, the local Secrets Manager, the local Lambda with the template's functions, and the
 * secrets that they use. Closing the stack stops all of it and deletes its files.
 */
public final class LocalStack implements AutoCloseable {
  private static final String SECRET_NAME = "keyturn/app";
  private static final String ADMIN_SECRET_NAME = "keyturn/admin";

  /** The resource ARN that clients of the Data API may use. The query function has one database. */
  public static final String CLUSTER_ARN = LocalAccount.arn("rds", "cluster:keyturn");

  private final StartedParts parts;
  private final RunFolder folder;
  private final Strategy strategy;
  private final LocalClock clock;
  private final PostgresServer postgres;
  private final RehearsalRole role;
  private final FunctionPermissions permissions = new FunctionPermissions();
  private final LocalLambda lambda;
  private final LocalSecretsManager secretsManager;
  private final LoopbackServer server;
  private final SecretsManagerClient client;
  private final List<String> secretArns = new ArrayList<>();
  private final TemplateFunction rotationFunction;
  private final TemplateFunction queryFunction;
  private final TemplateSchedule schedule;

  /** A stack with the functions and the schedule of this SAM template. */
  public static LocalStackBuilder builder(Path template) {
    return new LocalStackBuilder(template);
  }

  static LocalStack start(LocalStackBuilder builder) {
    StartedParts parts = new StartedParts("local stack");
    return parts.start(() -> new LocalStack(builder, parts));
  }

  private LocalStack(LocalStackBuilder builder, StartedParts parts) {
    this.parts = parts;
    Path template = builder.template;
    folder = parts.opened(RunFolder.create());
    strategy = builder.strategy;
    // Read twice: the schedule is needed for the clock, before there is a secret for the
    // functions' environment.
    SamTemplate beforehand =
        SamTemplate.read(template, parameters(template, Map.of()), attributes("", 0, ""));
    schedule = onlySchedule(template, beforehand);
    clock =
        builder
            .schedulePeriod
            .map(
                real ->
                    LocalClock.passing(
                        SchedulePeriod.of(
                            schedule.automaticallyAfterDays(),
                            schedule.scheduleExpression(),
                            schedule.duration()),
                        real))
            .orElseGet(LocalClock::realTime);

    postgres = parts.opened(builder.postgres.apply(folder));
    role = parts.opened(RehearsalRole.create(postgres, builder.userExists));
    if (builder.writesAllowed) {
      role.allowTables();
    }
    lambda =
        parts.opened(
            new LocalLambda(
                LambdaSettings.defaults()
                    .withFolder(folder.folder("lambda"))
                    .withLogs(builder.logs)));
    secretsManager =
        parts.opened(new LocalSecretsManager(clock, lambda, builder.rotationRetries, permissions));
    permissions.resourcePolicies(secretsManager::resourcePolicy);
    server = parts.opened(serverAt(builder.port, builder.tls));
    server.route("/", secretsManager.httpHandler());
    server.route(LambdaApi.PATH, new LambdaApi(lambda));
    client = parts.opened(LocalClient.of(server.endpoint(), builder.tls));

    String adminSecretArn =
        strategy == Strategy.SINGLE
            ? ""
            : createSecret(ADMIN_SECRET_NAME, role.adminSecretJson(), Optional.empty());
    Map<String, String> known = new HashMap<>(role.parameters());
    known.put("AdminSecretArn", adminSecretArn);
    Map<String, String> parameters = parameters(template, known);
    Map<String, String> attributes = attributes(postgres.host(), postgres.port(), adminSecretArn);
    TemplateSecret secret =
        scheduledSecret(template, SamTemplate.read(template, parameters, attributes));
    secretArns.add(
        client
            .createSecret(
                r ->
                    r.name(SECRET_NAME)
                        .secretString(
                            secret
                                .generated()
                                .map(generated -> role.secretJson(generated, secret.tags()))
                                .orElseGet(() -> role.secretJson(adminSecretArn)))
                        .kmsKeyId(secret.kmsKeyId().orElse(null))
                        .tags(
                            secret.tags().entrySet().stream()
                                .map(
                                    tag ->
                                        Tag.builder()
                                            .key(tag.getKey())
                                            .value(tag.getValue())
                                            .build())
                                .toList()))
            .arn());
    for (int number = 2; number <= builder.secrets; number++) {
      secretArns.add(
          createSecret(
              SECRET_NAME + number,
              role.addUser(String.valueOf(number), adminSecretArn),
              secret.kmsKeyId()));
    }
    attributes.put(secret.logicalId(), secretArn());
    SamTemplate functions = SamTemplate.read(template, parameters, attributes);
    scheduledSecret(template, functions)
        .resourcePolicy()
        .ifPresent(policy -> secretArns.forEach(arn -> permissions.attach(arn, policy)));
    rotationFunction = rotationFunction(template, functions);
    queryFunction = queryFunction(template, functions);
    register(rotationFunction, builder.environment);
    Map<String, String> queryEnvironment = new HashMap<>(builder.environment);
    queryEnvironment.putAll(builder.queryEnvironment);
    register(queryFunction, queryEnvironment);
    DataApi dataApi = DataApi.of(lambda, queryFunction());
    DataApi.PATHS.forEach(path -> server.route(path, dataApi));
  }

  /** Turns on rotation of all secrets. The schedule starts the first rotations. */
  public void turnOnRotation() {
    secretArns.forEach(arn -> rotate(arn, request -> request.rotateImmediately(false)));
  }

  /**
   * Turns rotation on as the template says, and rotates at once.
   *
   * @param versionId of the version that becomes current
   */
  public void rotate(String versionId) {
    rotate(secretArn(), request -> request.clientRequestToken(versionId));
  }

  private void rotate(String secretArn, Consumer<RotateSecretRequest.Builder> how) {
    client.rotateSecret(
        r -> {
          r.secretId(secretArn).rotationLambdaARN(schedule.functionArn());
          r.rotationRules(
              rules -> {
                schedule
                    .automaticallyAfterDays()
                    .ifPresent(days -> rules.automaticallyAfterDays((long) days));
                schedule.scheduleExpression().ifPresent(rules::scheduleExpression);
                schedule.duration().ifPresent(rules::duration);
              });
          how.accept(r);
        });
  }

  public PostgresServer postgres() {
    return postgres;
  }

  /** Where the files of this run are, until it is closed. */
  public Path folder() {
    return folder.path();
  }

  public LocalLambda lambda() {
    return lambda;
  }

  public LocalSecretsManager secretsManager() {
    return secretsManager;
  }

  /** A client of the local Secrets Manager. */
  public SecretsManagerClient client() {
    return client;
  }

  /** Where AWS's SDKs and CLI find the local Secrets Manager and Lambda. */
  public URI endpoint() {
    return server.endpoint();
  }

  /** The secret that the query function logs in with. */
  public String secretArn() {
    return secretArns.get(0);
  }

  /** All secrets that the rotation function rotates. */
  public List<String> secretArns() {
    return List.copyOf(secretArns);
  }

  public String rotationFunctionArn() {
    return schedule.functionArn();
  }

  public String queryFunction() {
    return queryFunction.definition().name();
  }

  public Strategy strategy() {
    return strategy;
  }

  /** The clock of the schedule. */
  public LocalClock clock() {
    return clock;
  }

  /** The template's schedule as a schedule expression, or as a number of days. */
  public String schedule() {
    return schedule
        .scheduleExpression()
        .orElseGet(() -> "every " + schedule.automaticallyAfterDays().orElseThrow() + " days");
  }

  /** Such as {@code PostgreSQL 18.6}. */
  public String postgresVersion() {
    return role.serverVersion();
  }

  @Override
  public void close() {
    parts.close();
  }

  private void register(TemplateFunction templateFunction, Map<String, String> environment) {
    FunctionDefinition function = templateFunction.definition();
    permissions.add(templateFunction);
    Map<String, String> all = new HashMap<>(environment);
    String endpoint = server.endpoint().toString();
    all.put("AWS_ENDPOINT_URL", endpoint);
    // The template's value is the real service's endpoint.
    if (function.environment().containsKey("SECRETS_MANAGER_ENDPOINT")) {
      all.put("SECRETS_MANAGER_ENDPOINT", endpoint);
    }
    lambda.register(function.withEnvironment(all));
  }

  private static LoopbackServer serverAt(int port, Optional<LocalTls> tls) {
    try {
      return LoopbackServer.start(port, tls.map(LocalTls::server));
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof BindException) {
        throw new StackException(e.getMessage(), e);
      }
      throw e;
    }
  }

  /** Returns the values of this stack for those parameters that the template has. */
  private Map<String, String> parameters(Path template, Map<String, String> known) {
    Map<String, String> parameters = new HashMap<>(known);
    parameters.put("Strategy", strategy.toString());
    parameters.keySet().retainAll(SamTemplate.parameterNames(template));
    return parameters;
  }

  /** Returns the attributes of the database that the template creates. */
  private static Map<String, String> attributes(String host, int port, String adminSecretArn) {
    return new HashMap<>(
        Map.of(
            "Database.Endpoint.Address", host,
            "Database.Endpoint.Port", String.valueOf(port),
            "Database.MasterUserSecret.SecretArn", adminSecretArn));
  }

  private String createSecret(String name, String value, Optional<String> kmsKeyId) {
    return client
        .createSecret(r -> r.name(name).secretString(value).kmsKeyId(kmsKeyId.orElse(null)))
        .arn();
  }

  private TemplateSecret scheduledSecret(Path template, SamTemplate read) {
    return read.secrets().stream()
        .filter(secret -> schedule.secretLogicalId().equals(Optional.of(secret.logicalId())))
        .findFirst()
        .orElseThrow(
            () -> new StackException("The schedule's secret must be a resource of " + template));
  }

  private static TemplateSchedule onlySchedule(Path template, SamTemplate read) {
    List<TemplateSchedule> schedules = read.rotationSchedules();
    if (schedules.size() != 1) {
      throw new StackException(
          template
              + " must have one AWS::SecretsManager::RotationSchedule, not "
              + schedules.size());
    }
    return schedules.get(0);
  }

  private TemplateFunction rotationFunction(Path template, SamTemplate read) {
    return read.functions().stream()
        .filter(function -> schedule.functionLogicalId().equals(Optional.of(function.logicalId())))
        .findFirst()
        .orElseThrow(
            () ->
                new StackException(
                    "The rotation schedule of " + template + " names no function of the template"));
  }

  private TemplateFunction queryFunction(Path template, SamTemplate read) {
    return read.functions().stream()
        .filter(function -> function.definition().environment().containsKey("SECRET_ID"))
        .findFirst()
        .orElseThrow(
            () ->
                new StackException(
                    "No function of " + template + " has the environment variable SECRET_ID"));
  }
}
