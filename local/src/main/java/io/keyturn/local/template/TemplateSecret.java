package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;
import java.util.Map;
import java.util.Optional;

/**
 * An AWS::SecretsManager::Secret of a template.
 *
 * @param logicalId its key below Resources
 * @param kmsKeyId of a customer managed key
 * @param generated what its first value is, if it is generated into a JSON object
 * @param tags its keys and values
 * @param resourcePolicy what its AWS::SecretsManager::ResourcePolicy says
 */
public record TemplateSecret(
    String logicalId,
    Optional<String> kmsKeyId,
    Optional<Generated> generated,
    Map<String, String> tags,
    Optional<Policy> resourcePolicy) {
  /** The same as a resource of the template that nests its own. */
  TemplateSecret within(String path) {
    return new TemplateSecret(path + logicalId, kmsKeyId, generated, tags, resourcePolicy);
  }

  /**
   * GenerateSecretString.
   *
   * @param template SecretStringTemplate: a JSON object
   * @param key GenerateStringKey: the key of the generated password, which the object lacks
   */
  public record Generated(String template, String key) {}
}
