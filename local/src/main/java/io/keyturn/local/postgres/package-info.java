/** The PostgreSQL of the local stack: embedded, or a server that is running already. */
package io.keyturn.local.postgres;
