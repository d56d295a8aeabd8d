package io.keyturn.rotator;

import io.keyturn.aws.Environment;
import io.keyturn.rotator.PasswordPolicy.CharacterType;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The function's environment variables. Those of AWS's rotation templates keep their names,
 * defaults and meaning.
 *
 * @param secretsManagerEndpoint SECRETS_MANAGER_ENDPOINT; the SDK's own choice if absent
 * @param rdsEndpoint RDS_ENDPOINT; the SDK's own choice if absent
 * @param passwordPolicy PASSWORD_LENGTH, EXCLUDE_CHARACTERS, EXCLUDE_NUMBERS, EXCLUDE_PUNCTUATION,
 *     EXCLUDE_UPPERCASE, EXCLUDE_LOWERCASE, REQUIRE_EACH_INCLUDED_TYPE
 * @param plaintextAllowed ALLOW_PLAINTEXT: whether a secret without the key {@code ssl} may be used
 *     with a server without TLS
 * @param rootCertificates PGSSLROOTCERT: a PEM file of the only authorities to trust; RDS's and the
 *     JVM's if absent
 * @param strategy ROTATION_STRATEGY: auto (the default), single, alternating or generated
 * @param adminIamAuthentication ADMIN_IAM_AUTHENTICATION: whether the admin logs in with a token
 *     instead of a password
 * @param createUser CREATE_USER: whether the admin creates a user that does not exist
 * @param createUserGrants CREATE_USER_GRANTS: comma-separated names of the roles that it becomes a
 *     member of
 * @param testStatement TEST_SQL: a statement that testSecret also runs
 * @param metricNamespace METRIC_NAMESPACE: of the metrics of each step, by secret; none if absent
 * @param generatedKey GENERATED_KEY: with strategy generated, the key of the JSON object that the
 *     new value is under; the whole text if absent
 * @param valueTest TEST_URL and TEST_HEADER: with strategy generated, a service that must accept
 *     the new value
 */
record Settings(
    Optional<URI> secretsManagerEndpoint,
    Optional<URI> rdsEndpoint,
    PasswordPolicy passwordPolicy,
    boolean plaintextAllowed,
    Optional<String> rootCertificates,
    Strategies.Choice strategy,
    boolean adminIamAuthentication,
    boolean createUser,
    List<String> createUserGrants,
    Optional<String> testStatement,
    Optional<String> metricNamespace,
    Optional<String> generatedKey,
    Optional<ValueTest> valueTest) {
  static Settings of(Map<String, String> variables) {
    Environment environment = new Environment(variables);
    return new Settings(
        environment.url("SECRETS_MANAGER_ENDPOINT"),
        environment.url("RDS_ENDPOINT"),
        new PasswordPolicy(
            environment.number("PASSWORD_LENGTH", 32, 1, PasswordPolicy.MAX_LENGTH),
            environment.exactly("EXCLUDE_CHARACTERS").orElse(PasswordPolicy.DEFAULT_EXCLUDED),
            includedTypes(environment),
            environment.flag("REQUIRE_EACH_INCLUDED_TYPE", true)),
        environment.flag("ALLOW_PLAINTEXT", false),
        environment.text("PGSSLROOTCERT"),
        environment
            .text("ROTATION_STRATEGY")
            .map(Strategies.Choice::of)
            .orElse(Strategies.Choice.AUTO),
        environment.flag("ADMIN_IAM_AUTHENTICATION", false),
        environment.flag("CREATE_USER", false),
        environment.text("CREATE_USER_GRANTS").map(Settings::names).orElse(List.of()),
        environment.text("TEST_SQL"),
        environment.text("METRIC_NAMESPACE"),
        environment.text("GENERATED_KEY"),
        valueTest(environment));
  }

  private static Optional<ValueTest> valueTest(Environment environment) {
    String header = environment.text("TEST_HEADER").orElse("Authorization: Bearer");
    Optional<String> rootCertificates = environment.text("PGSSLROOTCERT");
    return environment.url("TEST_URL").map(url -> new ValueTest(url, header, rootCertificates));
  }

  private static Set<CharacterType> includedTypes(Environment environment) {
    Set<CharacterType> types = EnumSet.allOf(CharacterType.class);
    types.removeIf(type -> environment.flag("EXCLUDE_" + type, false));
    return types;
  }

  private static List<String> names(String list) {
    return Pattern.compile(",")
        .splitAsStream(list)
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
