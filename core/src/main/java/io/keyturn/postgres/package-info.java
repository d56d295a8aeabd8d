/**
 * What both functions know of PostgreSQL: the database secret, the login, TLS and its certificate
 * authorities, and deadlines.
 */
package io.keyturn.postgres;
