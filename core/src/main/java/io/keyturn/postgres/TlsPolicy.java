package io.keyturn.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.postgresql.PGProperty;
import org.postgresql.util.GT;

/**
 * Decides how a connection is encrypted: always with a verified certificate, unless the secret says
 * {@code "ssl": false}, or says nothing and the server is this machine, or has no TLS where the
 * operator allowed plaintext.
 */
public final class TlsPolicy {
  /** pgjdbc's message, which it translates; it has the SQLSTATE for other refusals as well. */
  private static final String NO_TLS_ON_SERVER = "The server does not support SSL.";

  /** What pgjdbc names in its message, in any language, if the certificate is another host's. */
  private static final String HOST_NAME_VERIFIER = "PgjdbcHostnameVerifier";

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
   * @param rootCertificates a PEM file of the only certificate authorities to trust, or null for
   *     the JVM's and RDS's
   */
  public TlsPolicy(boolean plaintextAllowed, String rootCertificates) {
    this.plaintextAllowed = plaintextAllowed;
    this.rootCertificates = rootCertificates;
  }

  /**
   * Makes the attempt that the secret asks for, and a second one without TLS if that is allowed.
   *
   * @param warn receives a warning if the connection has no TLS, and the secret does not ask for
   *     that
   */
  public Connection connect(DatabaseSecret secret, Attempt attempt, Consumer<String> warn)
      throws SQLException {
    if (secret.tls() == Tls.OFF) {
      return attempt.open(plaintext());
    }
    try {
      return attempt.open(verified());
    } catch (SQLException e) {
      UnreadableAuthoritiesException unreadable = causeOf(e, UnreadableAuthoritiesException.class);
      if (unreadable != null) {
        throw new SQLException(unreadable.getMessage(), e.getSQLState(), e);
      }
      boolean serverHasNone = isWithoutTls(e);
      if (!serverHasNone && !isDistrust(e)) {
        throw e;
      }
      // An attacker who can answer on a loopback address of this machine needs no false
      // certificate, and local servers often have a self-signed one.
      boolean plaintextWillDo = isLoopback(secret.host()) || (serverHasNone && plaintextAllowed);
      if (secret.tls() == Tls.REQUIRED || !plaintextWillDo) {
        throw new SQLException(refusal(secret, serverHasNone, e), e.getSQLState(), e);
      }
      try {
        Connection connection = attempt.open(unasked());
        warn.accept("Connected to " + secret.host() + " without TLS, since: " + e.getMessage());
        return connection;
      } catch (SQLException second) {
        second.addSuppressed(e);
        throw second;
      }
    }
  }

  private String refusal(DatabaseSecret secret, boolean serverHasNone, SQLException failure) {
    String problem =
        "No verified TLS connection to "
            + secret.host()
            + ":"
            + secret.port()
            + " could be made ("
            + failure.getMessage()
            + "). ";
    if (isOfAnotherName(failure)) {
      return problem
          + "The certificate is for another name than %s. If that is an alias of the server, put the server's own name into \"host\", of RDS the endpoint"
              .formatted(secret.host());
    }
    if (!serverHasNone) {
      return problem + CertificateAuthorities.remedy(secret.host(), rootCertificates);
    }
    return secret.tls() == Tls.REQUIRED
        ? problem + "\"ssl\": true in " + secret + " rules out plaintext"
        : problem
            + "Plaintext is refused unless "
            + secret
            + " says \"ssl\": false or ALLOW_PLAINTEXT is true";
  }

  private Properties verified() {
    Properties properties = new Properties();
    PGProperty.SSL_MODE.set(properties, "verify-full");
    PGProperty.SSL_FACTORY.set(properties, VerifyingSocketFactory.class.getName());
    PGProperty.SSL_ROOT_CERT.set(properties, rootCertificates);
    return properties;
  }

  private static Properties plaintext() {
    Properties properties = new Properties();
    PGProperty.SSL_MODE.set(properties, "disable");
    return properties;
  }

  /**
   * The properties of plaintext that the secret does not ask for. The peer may be an impostor, so
   * it must not receive the password itself.
   */
  private static Properties unasked() {
    Properties properties = plaintext();
    PGProperty.REQUIRE_AUTH.set(properties, "!password");
    return properties;
  }

  private static boolean isWithoutTls(SQLException failure) {
    return GT.tr(NO_TLS_ON_SERVER).equals(failure.getMessage());
  }

  private static boolean isDistrust(SQLException failure) {
    return causeOf(failure, SSLException.class) != null || isOfAnotherName(failure);
  }

  private static boolean isOfAnotherName(SQLException failure) {
    return String.valueOf(failure.getMessage()).contains(HOST_NAME_VERIFIER);
  }

  /** The first cause of this class, or null. */
  private static <T extends Throwable> T causeOf(SQLException failure, Class<T> type) {
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }

  /**
   * Compares the text only. A name that resolves to this machine may resolve to another one later.
   */
  private static boolean isLoopback(String host) {
    return host.equalsIgnoreCase("localhost")
        || host.equals("::1")
        || host.equals("[::1]")
        || host.matches("127(\\.\\d{1,3}){3}");
  }
}
