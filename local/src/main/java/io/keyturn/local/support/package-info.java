/**
 * What every part of the local stack uses: its account, clock, certificate, files and HTTP server.
 */
package io.keyturn.local.support;
