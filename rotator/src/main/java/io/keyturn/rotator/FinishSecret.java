package io.keyturn.rotator;

import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.Optional;

/** finishSecret: makes the pending version the current one. */
final class FinishSecret {
  /** More than one, since an older rotation may just have moved the label. */
  private static final int ATTEMPTS = 3;

  private final SecretsManager secrets;

  FinishSecret(SecretsManager secrets) {
    this.secrets = secrets;
  }

  void run(Invocation invocation, SecretVersions versions) {
    SecretVersions seen = versions;
    for (int attempt = 1; ; attempt++) {
      String former = current(seen);
      try {
        // Naming the former version makes this fail if another rotation has moved the label since.
        secrets.makeCurrent(invocation, former);
        invocation.info("AWSCURRENT was moved to this version from version " + former);
        return;
      } catch (RotationException e) {
        seen = seenAfter(invocation, e);
        // A step may be delivered twice at once, and the SDK repeats a call whose answer was lost:
        // the second call fails, since the first one has moved the label.
        if (seen.isCurrent(invocation.token())) {
          invocation.info("another delivery of this step has moved AWSCURRENT to this version");
          return;
        }
        if (attempt == ATTEMPTS || seen.current().equals(Optional.of(former))) {
          throw e;
        }
        requireStillPending(invocation, seen, e);
        invocation.warn(
            "AWSCURRENT was moved away from version %s meanwhile, trying again".formatted(former));
      }
    }
  }

  private static String current(SecretVersions versions) {
    return versions
        .current()
        .orElseThrow(
            () ->
                new RotationException(
                    "Secret %s has no version staged AWSCURRENT to move the label from"
                        .formatted(versions.secretId())));
  }

  private SecretVersions seenAfter(Invocation invocation, RotationException failure) {
    try {
      return secrets.describe(invocation);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }

  /** A newer rotation keeps the label that it has moved. */
  private static void requireStillPending(
      Invocation invocation, SecretVersions versions, RotationException failure) {
    try {
      versions.requireRotating(invocation.token());
    } catch (RotationException e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }
}
