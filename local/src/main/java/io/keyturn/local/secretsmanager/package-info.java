/** A local Secrets Manager: its API, its store of secrets, and its rotations on a schedule. */
package io.keyturn.local.secretsmanager;
