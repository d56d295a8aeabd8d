package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;
import java.util.Optional;

/**
 * An AWS::SecretsManager::Secret of a template.
 *
 * @param logicalId its key below Resources
 * @param kmsKeyId of a key of one's own
 * @param resourcePolicy what its AWS::SecretsManager::ResourcePolicy says
 */
public record TemplateSecret(
    String logicalId, Optional<String> kmsKeyId, Optional<Policy> resourcePolicy) {}
