/** The local stack: PostgreSQL, Secrets Manager and Lambda with the functions of a template. */
package io.keyturn.local.stack;
