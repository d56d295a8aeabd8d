package io.keyturn.local.secretsmanager.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;

/** A version's content: text or bytes. It prints as neither. */
public final class SecretValue {
  private final String text;
  private final byte[] bytes;

  private SecretValue(String text, byte[] bytes) {
    this.text = text;
    this.bytes = bytes;
  }

  static SecretValue ofString(String text) {
    return new SecretValue(text, null);
  }

  static SecretValue ofBinary(byte[] bytes) {
    return new SecretValue(null, bytes.clone());
  }

  public void writeTo(ObjectNode answer) {
    if (text != null) {
      answer.put("SecretString", text);
    } else {
      answer.put("SecretBinary", Base64.getEncoder().encodeToString(bytes));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SecretValue that
        && Objects.equals(text, that.text)
        && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return text != null ? text.hashCode() : Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "a secret value";
  }
}
