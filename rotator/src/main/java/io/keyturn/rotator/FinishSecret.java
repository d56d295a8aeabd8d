package io.keyturn.rotator;

import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationException;
import java.util.Optional;

/** finishSecret: makes the pending version the current one. */
final class FinishSecret {
  /** The second is for a label that an older rotation has just moved. */
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
        invocation.info("AWSCURRENT was moved here from version " + former);
        return;
      } catch (RotationException e) {
        seen = seenAfter(invocation, e);
        // A step may be delivered twice at once, and the SDK sends a call again whose answer was
        // lost: the second finds the label moved, which is what was wanted.
        if (seen.isCurrent(invocation.token())) {
          invocation.info("AWSCURRENT was moved here by this step's other delivery");
          return;
        }
        if (attempt == ATTEMPTS || seen.current().equals(Optional.of(former))) {
          throw e;
        }
        requireStillPending(invocation, seen, e);
        invocation.warn("AWSCURRENT was moved from version " + former + " meanwhile, trying again");
      }
    }
  }

  private static String current(SecretVersions versions) {
    return versions
        .current()
        .orElseThrow(
            () ->
                new RotationException(
                    "Secret "
                        + versions.secretId()
                        + " has no version staged AWSCURRENT to move the label from"));
  }

  private SecretVersions seenAfter(Invocation invocation, RotationException failure) {
    try {
      return secrets.describe(invocation);
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
      throw failure;
    }
  }

  /** The label must not be taken back from a newer rotation. */
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
