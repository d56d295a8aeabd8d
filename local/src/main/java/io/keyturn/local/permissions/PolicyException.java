package io.keyturn.local.permissions;

/**
 * A policy is wrong, or has an element that the local stack does not evaluate and must not ignore.
 */
public final class PolicyException extends RuntimeException {
  PolicyException(String message) {
    super(message);
  }
}
