/** Evaluates IAM policies. */
package io.keyturn.local.permissions;
