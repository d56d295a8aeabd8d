package io.keyturn.postgres;

/**
 * The secret is not a valid database secret.
 *
 * <p>It has no cause on purpose. The message of a JSON parser quotes the text that it could not
 * read, and that text may be a password.
 */
public final class InvalidSecretException extends RuntimeException {
  public InvalidSecretException(String secret, String problem, String remedy) {
    super(secret + ": " + problem + ". " + remedy);
  }
}
