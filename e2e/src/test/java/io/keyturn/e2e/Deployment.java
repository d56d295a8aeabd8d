package io.keyturn.e2e;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Policy;
import io.keyturn.local.template.FunctionRole;
import io.keyturn.local.template.SamTemplate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The templates with these parameters: their roles, and what their functions ask for. */
final class Deployment {
  static final String ROTATION = "RotationFunction";
  static final String QUERY = "QueryFunction";

  private static final Path ROTATOR_TEMPLATE = Path.of("../sam/rotator.yaml");
  private static final Path QUERY_TEMPLATE = Path.of("../sam/query.yaml");
  private static final Path SECRET_TEMPLATE = Path.of("../sam/secret.yaml");
  private static final String ACCOUNT = "us-east-1:000000000000:";
  static final String ROTATOR = "arn:aws:lambda:" + ACCOUNT + "function:keyturn-rotator";
  static final String SECRET = "arn:aws:secretsmanager:" + ACCOUNT + "secret:keyturn/app-AbCdEf";
  private static final String ADMIN_SECRET =
      "arn:aws:secretsmanager:" + ACCOUNT + "secret:admin-AbCdEf";
  static final String KEY = "arn:aws:kms:" + ACCOUNT + "key/secrets";
  private static final String ADMIN_KEY = "arn:aws:kms:" + ACCOUNT + "key/admins";
  private static final String ADMIN_USER = "arn:aws:rds-db:" + ACCOUNT + "dbuser:db-A/admin";
  private static final String DATABASE = "arn:aws:rds:" + ACCOUNT + "db:any";

  /** The parameters that change what the rotator's role holds, and their values. */
  private static final Map<String, String> ROTATOR_CHOICES =
      new TreeMap<>(
          Map.of(
              "kmsKeyArn", KEY,
              "superuserDbUserArn", ADMIN_USER,
              "superuserSecretArn", ADMIN_SECRET,
              "superuserSecretKmsKeyArn", ADMIN_KEY,
              "vpcSubnetIds", "subnet-1,subnet-2"));

  /** The same for the query function's. */
  private static final Map<String, String> QUERY_CHOICES =
      new TreeMap<>(
          Map.of(
              "KmsKeyArn", KEY,
              "ReadPendingVersion", "false",
              "VpcSubnetIds", "subnet-1,subnet-2"));

  /**
   * What Lambda itself does in a role's name, and not the function's code.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions">Permissions
   *     for network interfaces</a>
   * @see <a
   *     href="https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html">Logs</a>
   */
  static final List<String> NETWORK_INTERFACES =
      List.of(
          "ec2:AssignPrivateIpAddresses",
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
          "ec2:UnassignPrivateIpAddresses");

  private static final List<String> LOGS = List.of("logs:CreateLogStream", "logs:PutLogEvents");

  private final String function;
  private final Map<String, String> parameters;
  private final SamTemplate template;

  private Deployment(String function, Map<String, String> parameters) {
    this.function = function;
    this.parameters = parameters;
    template =
        SamTemplate.read(
            function.equals(ROTATION) ? ROTATOR_TEMPLATE : QUERY_TEMPLATE,
            parameters,
            Map.of(
                "RotationLogs.Arn", "arn:aws:logs:" + ACCOUNT + "log-group:RotationFunction:*",
                "QueryLogs.Arn", "arn:aws:logs:" + ACCOUNT + "log-group:QueryFunction:*"));
  }

  /** One of either function for each way to give or leave out the parameters. */
  static Stream<Deployment> all() {
    return Stream.concat(
        chosen(ROTATOR_CHOICES, Map.of())
            .filter(Deployment::makesSense)
            .map(parameters -> new Deployment(ROTATION, parameters)),
        chosen(QUERY_CHOICES, Map.of("SecretArn", SECRET))
            .map(parameters -> new Deployment(QUERY, parameters)));
  }

  static Stream<Deployment> ofRotator() {
    return all().filter(deployment -> deployment.function.equals(ROTATION));
  }

  static Stream<Deployment> ofQuery() {
    return all().filter(deployment -> deployment.function.equals(QUERY));
  }

  private static Stream<Map<String, String>> chosen(
      Map<String, String> choices, Map<String, String> always) {
    List<Map<String, String>> chosen = new ArrayList<>(List.of(always));
    choices.forEach(
        (name, value) -> {
          for (Map<String, String> before : List.copyOf(chosen)) {
            Map<String, String> one = new TreeMap<>(before);
            one.put(name, value);
            chosen.add(one);
          }
        });
    return chosen.stream();
  }

  /** Without an admin's secret its key and its IAM login mean nothing. */
  private static boolean makesSense(Map<String, String> parameters) {
    return parameters.containsKey("superuserSecretArn")
        || !(parameters.containsKey("superuserSecretKmsKeyArn")
            || parameters.containsKey("superuserDbUserArn"));
  }

  /** What the policy of a secret of secret.yaml says, which is rotated by the role of this ARN. */
  static Policy secretPolicy(String rotationRole, Map<String, String> parameters) {
    Map<String, String> all = new TreeMap<>(parameters);
    all.put("RotationLambdaArn", ROTATOR);
    all.put("RotationRoleArn", rotationRole);
    return SamTemplate.read(SECRET_TEMPLATE, all, Map.of("DatabaseSecret", SECRET))
        .secrets()
        .get(0)
        .resourcePolicy()
        .orElseThrow();
  }

  String function() {
    return function;
  }

  FunctionRole role() {
    return template.functions().get(0).role().orElseThrow();
  }

  boolean mayReadPending() {
    return !parameters.containsKey("ReadPendingVersion");
  }

  private boolean isInVpc() {
    return parameters.containsKey("vpcSubnetIds") || parameters.containsKey("VpcSubnetIds");
  }

  /** What the function with this record needs its role for. */
  Set<Access> needs(Set<ServiceCall> recorded) {
    Set<Access> needs = new HashSet<>();
    recorded.stream().filter(this::happens).forEach(call -> needs.addAll(accesses(call)));
    String stream = "arn:aws:logs:" + ACCOUNT + "log-group:" + function + ":log-stream:1";
    LOGS.forEach(action -> needs.add(Access.to(action, stream)));
    if (isInVpc()) {
      NETWORK_INTERFACES.forEach(action -> needs.add(Access.to(action, "*")));
    }
    return needs;
  }

  /** Whether the parameters let a call come about. */
  private boolean happens(ServiceCall call) {
    if (call.isOf("rds-db")) {
      return parameters.containsKey("superuserDbUserArn");
    }
    if (call.isOf("rds") || call.isOnAdminsSecret()) {
      return parameters.containsKey("superuserSecretArn");
    }
    return function.equals(ROTATION)
        || mayReadPending()
        || !call.label().equals(Optional.of("AWSPENDING"));
  }

  private List<Access> accesses(ServiceCall call) {
    if (call.action().equals("secretsmanager:ListSecrets")) {
      return List.of(byCode(Access.to(call.action(), "*")));
    }
    List<Access> accesses = new ArrayList<>();
    String secret = call.isOnAdminsSecret() ? ADMIN_SECRET : SECRET;
    String resource = call.isOf("rds-db") ? ADMIN_USER : call.isOf("rds") ? DATABASE : secret;
    Access access = byCode(Access.to(call.action(), resource));
    if (resource.equals(SECRET)) {
      access = access.with(Access.ROTATION_FUNCTION, ROTATOR);
    }
    accesses.add(
        call.label().isPresent() ? access.with(Access.VERSION_STAGE, call.label().get()) : access);
    key(call)
        .ifPresent(
            key -> {
              if (call.action().equals("secretsmanager:GetSecretValue")) {
                accesses.add(useOfKey("kms:Decrypt", key, secret));
              } else if (call.action().equals("secretsmanager:PutSecretValue")) {
                accesses.add(useOfKey("kms:Decrypt", key, secret));
                accesses.add(useOfKey("kms:GenerateDataKey", key, secret));
              }
            });
    return accesses;
  }

  private Optional<String> key(ServiceCall call) {
    String parameter =
        call.isOnAdminsSecret()
            ? "superuserSecretKmsKeyArn"
            : function.equals(ROTATION) ? "kmsKeyArn" : "KmsKeyArn";
    return Optional.ofNullable(parameters.get(parameter));
  }

  /** What Secrets Manager asks the key for in the function's name. */
  Access useOfKey(String action, String key, String secret) {
    return byCode(Access.to(action, key))
        .with("kms:ViaService", "secretsmanager.us-east-1.amazonaws.com")
        .with("kms:EncryptionContext:SecretARN", secret);
  }

  /** An access of the function's code, as opposed to one of Lambda itself with the same role. */
  Access byCode(Access access) {
    return access
        .with("aws:PrincipalArn", role().arn())
        .with("lambda:SourceFunctionArn", "arn:aws:lambda:" + ACCOUNT + "function:" + function);
  }

  @Override
  public String toString() {
    return function + " " + parameters;
  }
}
