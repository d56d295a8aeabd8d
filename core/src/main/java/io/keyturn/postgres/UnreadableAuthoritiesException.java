package io.keyturn.postgres;

import java.security.GeneralSecurityException;

/** The file that PGSSLROOTCERT names cannot be read, or holds no certificates. */
final class UnreadableAuthoritiesException extends GeneralSecurityException {
  UnreadableAuthoritiesException(String file, Exception cause) {
    super(
        "PGSSLROOTCERT names "
            + file
            + ", which cannot be read as a PEM file of certificate authorities ("
            + cause
            + "). Name a file that the function has, or unset PGSSLROOTCERT",
        cause);
  }
}
