/** The operations of Secrets Manager and their protocol. */
package io.keyturn.local.secretsmanager.api;
