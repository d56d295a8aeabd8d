package io.keyturn.local.secretsmanager.rotation;

import java.util.Optional;

/** Calls a rotation function for the local Secrets Manager: synchronously, one step at a time. */
public interface FunctionInvoker {
  /**
   * Whether a function with this ARN or name can be invoked. The caller holds the lock of all
   * secrets, so an implementation must not block or call Secrets Manager.
   */
  boolean exists(String functionArn);

  /** Invokes the function and returns the error it ended with, or nothing if it succeeded. */
  Optional<String> invoke(String functionArn, byte[] event);
}
