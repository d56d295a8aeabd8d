package io.keyturn.rotator;

/** finishSecret: makes the pending version the current one. */
final class FinishSecret {
  private final SecretsManager secrets;

  FinishSecret(SecretsManager secrets) {
    this.secrets = secrets;
  }

  void run(RotationEvent event, SecretVersions versions, RotationLog log) {
    String former =
        versions
            .current()
            .orElseThrow(
                () ->
                    new RotationException(
                        "Secret "
                            + event.secretId()
                            + " has no version staged AWSCURRENT to move the label from"));
    secrets.makeCurrent(event.secretId(), event.token(), former);
    log.info("AWSCURRENT was moved here from version " + former);
  }
}
