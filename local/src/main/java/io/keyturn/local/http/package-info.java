/** The HTTP server of the local services. */
package io.keyturn.local.http;
