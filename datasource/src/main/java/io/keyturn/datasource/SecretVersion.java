package io.keyturn.datasource;

import java.util.Objects;

/** One version of a secret, with its text. */
public final class SecretVersion {
  private final String secretId;
  private final String versionId;
  private final String text;

  SecretVersion(String secretId, String versionId, String text) {
    this.secretId = secretId;
    this.versionId = Objects.requireNonNull(versionId);
    this.text = Objects.requireNonNull(text);
  }

  public String versionId() {
    return versionId;
  }

  /** What is secret: the SecretString. */
  public String text() {
    return text;
  }

  /** Which secret and version this is; never what it holds. */
  @Override
  public String toString() {
    return "version " + versionId + " of secret " + secretId;
  }
}
