package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;
import io.keyturn.local.support.LocalAccount;

/** The role that a function runs with, and what it may do. */
public record FunctionRole(String arn, Policy policy) {
  /** The ARN that a role of this name has in the local stack. */
  static String localArn(String name) {
    return LocalAccount.globalArn("iam", "role/" + name);
  }

  public String name() {
    return arn.substring(arn.lastIndexOf('/') + 1);
  }
}
