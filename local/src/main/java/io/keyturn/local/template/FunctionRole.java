package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;

/** The role that a function runs with, and what it may do. */
public record FunctionRole(String arn, Policy policy) {
  /** The ARN that a role of this name has in the local stack. */
  static String localArn(String name) {
    return "arn:aws:iam::000000000000:role/" + name;
  }

  public String name() {
    return arn.substring(arn.lastIndexOf('/') + 1);
  }
}
