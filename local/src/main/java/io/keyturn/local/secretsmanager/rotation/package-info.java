/** Starts rotations when they are due, and calls their functions step by step. */
package io.keyturn.local.secretsmanager.rotation;
