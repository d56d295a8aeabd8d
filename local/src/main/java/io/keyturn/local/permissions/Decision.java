package io.keyturn.local.permissions;

/** What policies say of an access. */
public enum Decision {
  ALLOWED,
  /** No statement allows it. */
  NOT_ALLOWED,
  /** A statement denies it, whatever others allow. */
  DENIED
}
