package io.keyturn.local.permissions;

/** A policy that is wrong, or says what the local stack cannot judge and must not ignore. */
public final class PolicyException extends RuntimeException {
  PolicyException(String message) {
    super(message);
  }
}
