package io.keyturn.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.postgresql.PGProperty;

/**
 * Decides how a connection is encrypted: always with a verified certificate, unless the secret says
 * {@code "ssl": false}, or says nothing, the server has no TLS, and the server is this machine or
 * the operator allowed plaintext.
 */
public final class TlsPolicy {
  /** What pgjdbc reports when the server answers that it has no TLS. */
  private static final String NO_TLS_ON_SERVER = "08004";

  /** Opens a connection with the given TLS properties of pgjdbc. */
  @FunctionalInterface
  public interface Attempt {
    Connection open(Properties tls) throws SQLException;
  }

  private final boolean plaintextAllowed;
  private final String rootCertificates;

  /**
   * @param plaintextAllowed whether a server without TLS may be used where the secret has no {@code
   *     ssl} key
   * @param rootCertificates a PEM file of certificate authorities to trust, or null for the JVM's
   *     own
   */
  public TlsPolicy(boolean plaintextAllowed, String rootCertificates) {
    this.plaintextAllowed = plaintextAllowed;
    this.rootCertificates = rootCertificates;
  }

  /**
   * Makes the attempt that the secret asks for, and a second one without TLS where that is allowed.
   *
   * @param warn told when a connection is made without TLS that the secret did not rule out
   */
  public Connection connect(DatabaseSecret secret, Attempt attempt, Consumer<String> warn)
      throws SQLException {
    if (secret.tls() == Tls.OFF) {
      return attempt.open(plaintext());
    }
    try {
      return attempt.open(verified());
    } catch (SQLException e) {
      if (!isAboutTls(e)) {
        throw e;
      }
      boolean mayFallBack = plaintextAllowed || isLoopback(secret.host());
      if (secret.tls() == Tls.REQUIRED || !mayFallBack) {
        throw new SQLException(refusal(secret), e.getSQLState(), e);
      }
      try {
        Connection connection = attempt.open(plaintext());
        warn.accept("Connected to " + secret.host() + " without TLS, since: " + e.getMessage());
        return connection;
      } catch (SQLException second) {
        second.addSuppressed(e);
        throw second;
      }
    }
  }

  private static String refusal(DatabaseSecret secret) {
    String problem =
        "No verified TLS connection to "
            + secret.host()
            + ":"
            + secret.port()
            + " could be made. Check the server's certificate, and the authorities that PGSSLROOTCERT names";
    return secret.tls() == Tls.REQUIRED
        ? problem + "; \"ssl\": true in " + secret + " rules out plaintext"
        : problem
            + "; plaintext is refused unless "
            + secret
            + " says \"ssl\": false or ALLOW_PLAINTEXT is true";
  }

  private Properties verified() {
    Properties properties = new Properties();
    PGProperty.SSL_MODE.set(properties, "verify-full");
    if (rootCertificates == null) {
      // pgjdbc's default factory wants a file in the home directory; this one asks the JVM's trust
      // store.
      PGProperty.SSL_FACTORY.set(properties, "org.postgresql.ssl.DefaultJavaSSLFactory");
    } else {
      PGProperty.SSL_ROOT_CERT.set(properties, rootCertificates);
    }
    return properties;
  }

  private static Properties plaintext() {
    Properties properties = new Properties();
    PGProperty.SSL_MODE.set(properties, "disable");
    return properties;
  }

  private static boolean isAboutTls(SQLException failure) {
    if (NO_TLS_ON_SERVER.equals(failure.getSQLState())) {
      return true;
    }
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SSLException) {
        return true;
      }
    }
    return false;
  }

  /**
   * By the text alone: a name that merely resolves to this machine is not trusted to go on doing
   * so.
   */
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("::1")
        || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
  }
}
