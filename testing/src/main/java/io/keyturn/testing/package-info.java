/**
 * What tests share: PostgreSQL servers and databases, a Secrets Manager, and checks of the
 * documentation.
 */
package io.keyturn.testing;
