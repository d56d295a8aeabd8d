package io.keyturn.rotator;

/** finishSecret: makes the pending version the current one. */
final class FinishSecret {
  private final SecretsManager secrets;

  FinishSecret(SecretsManager secrets) {
    this.secrets = secrets;
  }

  void run(Invocation invocation, SecretVersions versions) {
    String former =
        versions
            .current()
            .orElseThrow(
                () ->
                    new RotationException(
                        "Secret "
                            + invocation.secretId()
                            + " has no version staged AWSCURRENT to move the label from"));
    try {
      // Naming the former version makes this fail if another rotation has moved the label since.
      secrets.makeCurrent(invocation, former);
    } catch (RotationException e) {
      requireDone(invocation, e);
      invocation.info("AWSCURRENT was moved here by this step's other delivery");
      return;
    }
    invocation.info("AWSCURRENT was moved here from version " + former);
  }

  /**
   * A step may be delivered twice at once, and the SDK sends a call again whose answer was lost:
   * the second finds the label moved, which is what was wanted.
   */
  private void requireDone(Invocation invocation, RotationException failure) {
    try {
      if (!secrets.describe(invocation).isCurrent(invocation.token())) {
        throw failure;
      }
    } catch (RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
      throw failure;
    }
  }
}
