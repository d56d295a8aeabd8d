package io.keyturn.postgres;

import java.security.Security;

/** How the JVM of a function looks up the names of hosts. */
public final class NameLookups {
  private NameLookups() {}

  /**
   * Has the JVM remember no address, nor that a name has none: after a failover the name leads to
   * another server at once, and each environment that starts from a snapshot asks anew. By default
   * an address is kept for 30 s.
   *
   * <p>The JVM reads these properties once, at its first look-up, so this comes before it.
   */
  public static void keepNone() {
    Security.setProperty("networkaddress.cache.ttl", "0");
    Security.setProperty("networkaddress.cache.negative.ttl", "0");
  }
}
