package io.keyturn.datasource;

/** Secrets Manager did not give a secret's value. */
public final class SecretUnreadableException extends RuntimeException {
  SecretUnreadableException(String message, Throwable cause) {
    super(message, cause);
  }
}
