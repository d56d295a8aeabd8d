package io.keyturn.datasource;

/** Secrets Manager did not give a secret's value. */
public final class SecretUnreadableException extends RuntimeException {
  /** Why a value could not be read. */
  enum Kind {
    /** No secret, or no version with that staging label. */
    ABSENT,
    /** No permission. */
    DENIED,
    /** The service could not be reached, failed or throttles: a later call may succeed. */
    PASSING,
    /** The service answered, and will answer the same again. */
    FINAL
  }

  // A constant, which any serialization can carry.
  private final Kind kind;

  SecretUnreadableException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
