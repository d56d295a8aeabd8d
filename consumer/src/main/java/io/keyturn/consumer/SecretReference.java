package io.keyturn.consumer;

import java.util.regex.Pattern;

/**
 * A secret's name, its ARN, or its ARN without the six characters that Secrets Manager puts after
 * the name.
 */
record SecretReference(String id) {
  private static final Pattern SUFFIX = Pattern.compile("-[A-Za-z0-9]{6}");

  /** A name has no colon. */
  private static final String BEFORE_NAME = ":secret:";

  /** Whether both can be the same secret. */
  boolean matches(SecretReference other) {
    return id.equals(other.id) || extendsTo(other) || other.extendsTo(this);
  }

  /** Whether the other one only says more: the ARN of this name, or the suffix. */
  private boolean extendsTo(SecretReference longer) {
    int name = longer.id.indexOf(BEFORE_NAME);
    if (name < 0) {
      return false;
    }
    String full =
        id.contains(BEFORE_NAME) ? longer.id : longer.id.substring(name + BEFORE_NAME.length());
    return full.equals(id)
        || (full.startsWith(id) && SUFFIX.matcher(full.substring(id.length())).matches());
  }
}
