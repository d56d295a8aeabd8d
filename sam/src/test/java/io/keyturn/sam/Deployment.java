package io.keyturn.sam;

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

/** The template with these parameters: its roles, and what its functions ask for. */
final class Deployment {
  static final String ROTATION = "RotationFunction";
  static final String QUERY = "QueryFunction";

  private static final Path TEMPLATE = Path.of("template.yaml");
  private static final String ACCOUNT = "us-east-1:000000000000:";
  static final String SECRET = "arn:aws:secretsmanager:" + ACCOUNT + "secret:keyturn/app-AbCdEf";
  private static final String ADMIN_SECRET =
      "arn:aws:secretsmanager:" + ACCOUNT + "secret:admin-AbCdEf";
  private static final String ADMIN_KEY = "arn:aws:kms:" + ACCOUNT + "key/admins";
  private static final String ADMIN_USER = "arn:aws:rds-db:" + ACCOUNT + "dbuser:db-A/admin";
  private static final String DATABASE = "arn:aws:rds:" + ACCOUNT + "db:any";

  /** The parameters that change what the roles hold, and their values. */
  private static final Map<String, List<String>> CHOICES =
      new TreeMap<>(
          Map.of(
              "AdminSecretArn", List.of("", ADMIN_SECRET),
              "AdminSecretKeyArn", List.of("", ADMIN_KEY),
              "AdminDbUserArn", List.of("", ADMIN_USER),
              "CreateDatabase", List.of("false", "true"),
              "ReadPendingVersion", List.of("false", "true"),
              "SubnetIds", List.of("", "subnet-1,subnet-2")));

  private static final Map<String, String> ATTRIBUTES =
      Map.of(
          "DatabaseSecret",
          SECRET,
          "Database.MasterUserSecret.SecretArn",
          ADMIN_SECRET,
          "RotationLogs.Arn",
          "arn:aws:logs:" + ACCOUNT + "log-group:RotationFunction:*",
          "QueryLogs.Arn",
          "arn:aws:logs:" + ACCOUNT + "log-group:QueryFunction:*");

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

  private final Map<String, String> parameters;
  private final SamTemplate template;

  private Deployment(Map<String, String> parameters) {
    this.parameters = parameters;
    template = SamTemplate.read(TEMPLATE, parameters, ATTRIBUTES);
  }

  static Deployment with(Map<String, String> parameters) {
    return new Deployment(parameters);
  }

  /** One for each way to choose the parameters that the template has. */
  static Stream<Deployment> all() {
    Set<String> names = SamTemplate.parameterNames(TEMPLATE);
    List<Map<String, String>> chosen = List.of(Map.of());
    for (Map.Entry<String, List<String>> choice : CHOICES.entrySet()) {
      if (names.contains(choice.getKey())) {
        List<Map<String, String>> more = new ArrayList<>();
        for (Map<String, String> before : chosen) {
          for (String value : choice.getValue()) {
            Map<String, String> one = new TreeMap<>(before);
            one.put(choice.getKey(), value);
            more.add(one);
          }
        }
        chosen = more;
      }
    }
    return chosen.stream().filter(Deployment::makesSense).map(Deployment::new);
  }

  /**
   * Without an admin's secret its key and its IAM login mean nothing, and there is one database and
   * one network.
   */
  private static boolean makesSense(Map<String, String> parameters) {
    boolean given = isGiven(parameters, "AdminSecretArn");
    boolean created = "true".equals(parameters.get("CreateDatabase"));
    boolean options =
        isGiven(parameters, "AdminSecretKeyArn") || isGiven(parameters, "AdminDbUserArn");
    boolean network = isGiven(parameters, "SubnetIds");
    return !(created && network) && (given ? !created : !options);
  }

  private static boolean isGiven(Map<String, String> parameters, String name) {
    return !parameters.getOrDefault(name, "").isEmpty();
  }

  FunctionRole role(String function) {
    return template.functions().stream()
        .filter(candidate -> candidate.logicalId().equals(function))
        .findFirst()
        .orElseThrow()
        .role()
        .orElseThrow(() -> new AssertionError(function + " has no role in the template"));
  }

  Optional<Policy> secretPolicy() {
    return template.secrets().stream()
        .filter(secret -> secret.logicalId().equals("DatabaseSecret"))
        .findFirst()
        .orElseThrow()
        .resourcePolicy();
  }

  private boolean createsDatabase() {
    return "true".equals(parameters.get("CreateDatabase"));
  }

  boolean mayReadPending() {
    return "true".equals(parameters.get("ReadPendingVersion"));
  }

  /** What a function with this record needs its role for. */
  Set<Access> needs(String function, Set<ServiceCall> recorded) {
    Set<Access> needs = new HashSet<>();
    recorded.stream()
        .filter(call -> happens(function, call))
        .forEach(call -> needs.addAll(accesses(function, call)));
    String stream = "arn:aws:logs:" + ACCOUNT + "log-group:" + function + ":log-stream:1";
    LOGS.forEach(action -> needs.add(Access.to(action, stream)));
    if (createsDatabase() || isGiven(parameters, "SubnetIds")) {
      NETWORK_INTERFACES.forEach(action -> needs.add(Access.to(action, "*")));
    }
    return needs;
  }

  /** Whether the parameters let a call come about. */
  private boolean happens(String function, ServiceCall call) {
    if (call.isOf("rds-db")) {
      return isGiven(parameters, "AdminDbUserArn");
    }
    if (call.isOf("rds") || call.isOnAdminsSecret()) {
      return isGiven(parameters, "AdminSecretArn") || createsDatabase();
    }
    return function.equals(ROTATION)
        || mayReadPending()
        || !call.label().equals(Optional.of("AWSPENDING"));
  }

  private List<Access> accesses(String function, ServiceCall call) {
    List<Access> accesses = new ArrayList<>();
    String secret = call.isOnAdminsSecret() ? ADMIN_SECRET : SECRET;
    String resource = call.isOf("rds-db") ? ADMIN_USER : call.isOf("rds") ? DATABASE : secret;
    Access access = byCode(function, Access.to(call.action(), resource));
    accesses.add(
        call.label().map(label -> access.with(Access.VERSION_STAGE, label)).orElse(access));
    key(call)
        .ifPresent(
            key -> {
              if (call.action().equals("secretsmanager:GetSecretValue")) {
                accesses.add(useOfKey(function, "kms:Decrypt", key, secret));
              } else if (call.action().equals("secretsmanager:PutSecretValue")) {
                accesses.add(useOfKey(function, "kms:Decrypt", key, secret));
                accesses.add(useOfKey(function, "kms:GenerateDataKey", key, secret));
              }
            });
    return accesses;
  }

  private Optional<String> key(ServiceCall call) {
    if (!call.isOnAdminsSecret() || createsDatabase()) {
      return key();
    }
    return Optional.of(parameters.get("AdminSecretKeyArn")).filter(key -> !key.isEmpty());
  }

  /** Of the rotated secret, and of the one that RDS makes for a database of the template. */
  Optional<String> key() {
    return template.secrets().stream()
        .filter(secret -> secret.logicalId().equals("DatabaseSecret"))
        .findFirst()
        .flatMap(secret -> secret.kmsKeyId())
        .map(key -> key.startsWith("arn:") ? key : "arn:aws:kms:" + ACCOUNT + "key/" + key);
  }

  /** What Secrets Manager asks the key for in the function's name. */
  Access useOfKey(String function, String action, String key, String secret) {
    return byCode(function, Access.to(action, key))
        .with("kms:ViaService", "secretsmanager.us-east-1.amazonaws.com")
        .with("kms:EncryptionContext:SecretARN", secret);
  }

  /** An access of the function's code, as opposed to one of Lambda itself with the same role. */
  Access byCode(String function, Access access) {
    return access
        .with("aws:PrincipalArn", role(function).arn())
        // What CloudFormation calls a function whose template does not name it.
        .with(
            "lambda:SourceFunctionArn",
            "arn:aws:lambda:" + ACCOUNT + "function:keyturn-local-" + function + "-AbCdEf123456");
  }

  @Override
  public String toString() {
    return parameters.toString();
  }
}
