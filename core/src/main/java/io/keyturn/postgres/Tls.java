package io.keyturn.postgres;

/** The value of a secret's {@code ssl} key, as AWS's rotation templates read it. */
public enum Tls {
  /** {@code ssl} is true: TLS with a verified certificate, or no connection. */
  REQUIRED,
  /** {@code ssl} is false: no TLS. */
  OFF,
  /** {@code ssl} is absent, or neither true nor false: TLS first. */
  PREFERRED;

  static Tls of(String ssl) {
    if (ssl == null) {
      return PREFERRED;
    }
    if (ssl.equalsIgnoreCase("true")) {
      return REQUIRED;
    }
    return ssl.equalsIgnoreCase("false") ? OFF : PREFERRED;
  }
}
