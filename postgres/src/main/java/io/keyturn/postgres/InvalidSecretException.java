package io.keyturn.postgres;

/**
 * A secret that is not a database secret, or not a valid one.
 *
 * <p>It has no cause on purpose: a JSON parser's own message quotes the text it could not read, and
 * that text may be a password.
 */
public final class InvalidSecretException extends RuntimeException {
  public InvalidSecretException(String secret, String problem, String remedy) {
    super(secret + ": " + problem + ". " + remedy);
  }
}
