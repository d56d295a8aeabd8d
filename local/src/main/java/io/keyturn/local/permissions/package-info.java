/** Evaluates IAM policies, and decides what callers may do. */
package io.keyturn.local.permissions;
