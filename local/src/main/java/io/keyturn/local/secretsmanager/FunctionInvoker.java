package io.keyturn.local.secretsmanager;

import java.util.Optional;

/** How the local Secrets Manager calls a rotation function: synchronously, a step at a time. */
public interface FunctionInvoker {
  /**
   * Whether a function with this ARN (or name) can be invoked. Asked while a request holds the lock
   * of all secrets, so it answers from memory and does not call Secrets Manager.
   */
  boolean exists(String functionArn);

  /** Invokes the function and returns the error it ended with, or nothing if it succeeded. */
  Optional<String> invoke(String functionArn, byte[] event);
}
