package io.keyturn.local.template;

import io.keyturn.local.permissions.Policy;

/** The role that a function runs with, and what it may do. */
public record FunctionRole(String arn, Policy policy) {
  public String name() {
    return arn.substring(arn.lastIndexOf('/') + 1);
  }
}
