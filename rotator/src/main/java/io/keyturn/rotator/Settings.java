package io.keyturn.rotator;

import io.keyturn.rotator.PasswordPolicy.CharacterType;
import java.net.URI;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The function's environment variables; those that AWS's rotation templates know keep their names,
 * defaults and meaning.
 *
 * @param secretsManagerEndpoint SECRETS_MANAGER_ENDPOINT; the SDK's own choice if absent
 * @param rdsEndpoint RDS_ENDPOINT; the SDK's own choice if absent
 * @param passwordPolicy PASSWORD_LENGTH, EXCLUDE_CHARACTERS, EXCLUDE_NUMBERS, EXCLUDE_PUNCTUATION,
 *     EXCLUDE_UPPERCASE, EXCLUDE_LOWERCASE, REQUIRE_EACH_INCLUDED_TYPE
 * @param plaintextAllowed ALLOW_PLAINTEXT: whether a server without TLS may do, for secrets without
 *     an {@code ssl} key
 * @param rootCertificates PGSSLROOTCERT: a PEM file of the only authorities to trust; RDS's and the
 *     JVM's if absent
 * @param strategy ROTATION_STRATEGY: auto (the default), single or alternating
 * @param adminIamAuthentication ADMIN_IAM_AUTHENTICATION: whether the admin logs in with a token
 *     instead of a password
 * @param createUser CREATE_USER: whether the admin creates a user that does not exist
 * @param createUserGrants CREATE_USER_GRANTS: names of the roles, parted by commas, that it is made
 *     a member of
 * @param testStatement TEST_SQL: a statement that testSecret runs as well
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
    Optional<String> testStatement) {
  private static final Set<String> TRUE = Set.of("true", "1", "y", "yes");

  static Settings of(Map<String, String> environment) {
    return new Settings(
        endpoint(environment, "SECRETS_MANAGER_ENDPOINT"),
        endpoint(environment, "RDS_ENDPOINT"),
        new PasswordPolicy(
            passwordLength(environment),
            environment.getOrDefault("EXCLUDE_CHARACTERS", PasswordPolicy.DEFAULT_EXCLUDED),
            includedTypes(environment),
            flag(environment, "REQUIRE_EACH_INCLUDED_TYPE", true)),
        flag(environment, "ALLOW_PLAINTEXT", false),
        text(environment, "PGSSLROOTCERT"),
        text(environment, "ROTATION_STRATEGY")
            .map(Strategies.Choice::of)
            .orElse(Strategies.Choice.AUTO),
        flag(environment, "ADMIN_IAM_AUTHENTICATION", false),
        flag(environment, "CREATE_USER", false),
        text(environment, "CREATE_USER_GRANTS").map(Settings::names).orElse(List.of()),
        text(environment, "TEST_SQL"));
  }

  private static Set<CharacterType> includedTypes(Map<String, String> environment) {
    Set<CharacterType> types = EnumSet.allOf(CharacterType.class);
    types.removeIf(type -> flag(environment, "EXCLUDE_" + type, false));
    return types;
  }

  private static Optional<String> text(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  private static List<String> names(String list) {
    return Pattern.compile(",")
        .splitAsStream(list)
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }

  private static Optional<URI> endpoint(Map<String, String> environment, String name) {
    return text(environment, name)
        .map(
            url -> {
              URI uri = URI.create(url);
              if (uri.getScheme() == null || uri.getHost() == null) {
                throw new IllegalArgumentException(
                    name + " is \"" + url + "\", but must be a URL such as https://host");
              }
              return uri;
            });
  }

  private static int passwordLength(Map<String, String> environment) {
    String length = text(environment, "PASSWORD_LENGTH").orElse("32");
    try {
      return Integer.parseInt(length.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "PASSWORD_LENGTH is \"" + length + "\", but must be a number of characters", e);
    }
  }

  private static boolean flag(Map<String, String> environment, String name, boolean otherwise) {
    return text(environment, name)
        .map(value -> TRUE.contains(value.toLowerCase(Locale.ROOT)))
        .orElse(otherwise);
  }
}
