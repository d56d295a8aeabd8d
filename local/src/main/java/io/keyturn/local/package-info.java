/** The local stack and its command line: PostgreSQL, Secrets Manager and Lambda on one machine. */
package io.keyturn.local;
