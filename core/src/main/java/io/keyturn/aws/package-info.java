/** How both functions call AWS services: HTTP client, retries and time limits. */
package io.keyturn.aws;
