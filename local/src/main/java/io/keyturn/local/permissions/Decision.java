package io.keyturn.local.permissions;

/** The decision of policies on an access. */
public enum Decision {
  ALLOWED,
  /** No statement allows it. */
  NOT_ALLOWED,
  /** A statement denies it, whatever others allow. */
  DENIED
}
