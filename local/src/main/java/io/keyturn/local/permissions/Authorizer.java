package io.keyturn.local.permissions;

import java.util.Optional;

/** Decides what callers of the local Secrets Manager may do. */
public interface Authorizer {
  /** Allows everything. */
  Authorizer ALLOW_ALL = (accessKeyId, access) -> Optional.empty();

  /**
   * Returns why a caller may not do this, or nothing if it may.
   *
   * @param accessKeyId of the caller's credentials
   */
  Optional<Denial> denial(String accessKeyId, Access access);

  /**
   * The reason of a refusal, in the service's words.
   *
   * @param principal the caller's ARN
   * @param reason which policies forbid it, such as {@code because no identity-based policy allows
   *     the kms:Decrypt action}
   */
  record Denial(String principal, String reason) {
    public static Denial notAllowed(String principal, String action) {
      return new Denial(
          principal, "because no identity-based policy allows the " + action + " action");
    }

    /** Denied by a statement whose Effect is Deny. */
    public static Denial explicit(String principal, String policy) {
      return new Denial(principal, "with an explicit deny in " + policy);
    }
  }
}
