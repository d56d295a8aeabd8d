package io.keyturn.rotator;

import io.keyturn.rotator.invocation.RotationException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which versions a secret has and which staging labels they carry.
 *
 * @param rotationEnabled false only where Secrets Manager says that rotation is off
 */
record SecretVersions(
    String secretId, boolean rotationEnabled, Map<String, List<String>> labelsByVersion) {
  static final String CURRENT = "AWSCURRENT";
  static final String PENDING = "AWSPENDING";
  static final String PREVIOUS = "AWSPREVIOUS";

  /**
   * Refuses a step that is not part of a rotation under way, so that the permission to invoke the
   * function alone is of no use.
   */
  void requireRotating(String token) {
    if (!rotationEnabled) {
      throw new RotationException(
          "Secret %s is not enabled for rotation: call RotateSecret to enable it"
              .formatted(secretId));
    }
    if (!labelsByVersion.containsKey(token)) {
      throw new RotationException(
          "Secret %s has no version %s with a staging label: the ClientRequestToken must be that of a rotation under way"
              .formatted(secretId, token));
    }
    if (!isCurrent(token) && !labelsByVersion.get(token).contains(PENDING)) {
      throw new RotationException(
          "Version %s of secret %s is not staged AWSPENDING, but %s: a newer rotation has replaced it, and will finish instead"
              .formatted(token, secretId, labelsByVersion.get(token)));
    }
  }

  boolean isCurrent(String version) {
    return labelsByVersion.getOrDefault(version, List.of()).contains(CURRENT);
  }

  /** The version staged AWSCURRENT, if there is one. */
  Optional<String> current() {
    return labelsByVersion.keySet().stream().filter(this::isCurrent).findFirst();
  }
}
