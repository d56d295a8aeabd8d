package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the secrets of a template, and who may use them.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-resourcepolicy.html">AWS::SecretsManager::ResourcePolicy</a>
 */
final class SecretReader {
  static final String SECRET = "AWS::SecretsManager::Secret";
  private static final String ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment";
  private static final String TEMPLATE = "SecretStringTemplate";
  private static final String KEY = "GenerateStringKey";
  private static final String POLICY = "AWS::SecretsManager::ResourcePolicy";

  private final Map<String, Resource> resources;

  SecretReader(Map<String, Resource> resources) {
    this.resources = resources;
  }

  List<TemplateSecret> read() {
    return resources.values().stream()
        .filter(resource -> resource.type().equals(SECRET))
        .map(
            secret ->
                new TemplateSecret(
                    secret.logicalId(),
                    secret.text("KmsKeyId"),
                    generated(secret),
                    tags(secret),
                    policy(secret.logicalId())))
        .toList();
  }

  private static Optional<TemplateSecret.Generated> generated(Resource secret) {
    String property = "GenerateSecretString";
    Place place = secret.place(property);
    Map<String, Object> parts = Values.map(secret.get(property).orElse(null), place);
    // The service accepts both or neither. Without them the whole value is the password.
    if (!parts.containsKey(TEMPLATE) || !parts.containsKey(KEY)) {
      return Optional.empty();
    }
    return Optional.of(
        new TemplateSecret.Generated(
            Values.text(parts.get(TEMPLATE), place.in(TEMPLATE)),
            Values.text(parts.get(KEY), place.in(KEY))));
  }

  private static Map<String, String> tags(Resource secret) {
    Place place = secret.place("Tags");
    Map<String, String> tags = new LinkedHashMap<>();
    for (Object tag : Values.list(secret.get("Tags").orElse(List.of()), place)) {
      Map<String, Object> parts = Values.map(tag, place);
      tags.put(
          Values.text(parts.get("Key"), place.in("Key")),
          Values.text(parts.get("Value"), place.in("Value")));
    }
    return tags;
  }

  /** Returns the secret that this value refers to, directly or through its target attachment. */
  Optional<String> secretOf(String value) {
    for (Resource resource : resources.values()) {
      if (resource.type().equals(SECRET)
          && (value.equals(resource.reference()) || value.equals(resource.attribute("Id")))) {
        return Optional.of(resource.logicalId());
      }
      if (resource.type().equals(ATTACHMENT) && value.equals(resource.reference())) {
        String attached = resource.requiredText("SecretId", "the secret, such as !Ref Secret");
        return attached.equals(value) ? Optional.empty() : secretOf(attached);
      }
    }
    return Optional.empty();
  }

  private Optional<Policy> policy(String secret) {
    return resources.values().stream()
        .filter(resource -> resource.type().equals(POLICY))
        .filter(
            resource ->
                secretOf(resource.requiredText("SecretId", "the secret, such as !Ref Secret"))
                    .equals(Optional.of(secret)))
        .findFirst()
        .map(
            resource ->
                RoleReader.policy(
                    List.of(resource.get("ResourcePolicy").orElse(Map.of())),
                    resource.place("ResourcePolicy")));
  }
}
