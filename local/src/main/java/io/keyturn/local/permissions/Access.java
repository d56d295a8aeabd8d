package io.keyturn.local.permissions;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A request of a caller, as policies see it.
 *
 * @param action such as {@code secretsmanager:GetSecretValue}
 * @param resource an ARN, or {@code *} where an action has none
 * @param context the condition keys that are known of the request, and their values
 */
public record Access(String action, String resource, Map<String, List<String>> context) {
  /** The staging label that a request to Secrets Manager names. */
  public static final String VERSION_STAGE = "secretsmanager:VersionStage";

  /** The function that rotates the secret. */
  public static final String ROTATION_FUNCTION = "secretsmanager:resource/AllowRotationLambdaArn";

  public Access {
    Map<String, List<String>> byLowerCaseKey = new TreeMap<>();
    context.forEach((key, values) -> byLowerCaseKey.put(lowerCase(key), List.copyOf(values)));
    context = Map.copyOf(byLowerCaseKey);
  }

  public static Access to(String action, String resource) {
    return new Access(action, resource, Map.of());
  }

  /** The same with one more condition key. */
  public Access with(String key, String... values) {
    Map<String, List<String>> more = new TreeMap<>(context);
    more.put(lowerCase(key), List.of(values));
    return new Access(action, resource, more);
  }

  /** The values of a condition key, whose case does not matter; none where it is absent. */
  public List<String> values(String key) {
    return context.getOrDefault(lowerCase(key), List.of());
  }

  private static String lowerCase(String key) {
    return key.toLowerCase(Locale.ROOT);
  }
}
