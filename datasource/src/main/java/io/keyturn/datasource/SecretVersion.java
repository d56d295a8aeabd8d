package io.keyturn.datasource;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/** One version of a secret, with its text. */
public final class SecretVersion {
  private final String secretId;
  private final String versionId;
  private final String text;
  private final Instant created;

  /**
   * @param created null if the service did not say
   */
  SecretVersion(String secretId, String versionId, String text, Instant created) {
    this.secretId = secretId;
    this.versionId = Objects.requireNonNull(versionId);
    this.text = Objects.requireNonNull(text);
    this.created = created;
  }

  public String versionId() {
    return versionId;
  }

  /** When it was created, if the service said so. */
  public Optional<Instant> created() {
    return Optional.ofNullable(created);
  }

  /** The SecretString. */
  public String text() {
    return text;
  }

  /** Names the secret and the version, and never their content. */
  @Override
  public String toString() {
    return "version %s of secret %s".formatted(versionId, secretId);
  }
}
