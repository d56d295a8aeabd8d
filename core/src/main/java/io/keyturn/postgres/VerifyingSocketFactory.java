package io.keyturn.postgres;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.postgresql.PGProperty;
import org.postgresql.ssl.WrappedFactory;

/**
 * Creates pgjdbc's TLS sockets, which trust the {@link CertificateAuthorities} of the connection's
 * host. It is public because pgjdbc creates it by its name.
 */
public final class VerifyingSocketFactory extends WrappedFactory {
  /**
   * @param properties of the connection, whose {@code sslrootcert} is the file of PGSSLROOTCERT
   */
  public VerifyingSocketFactory(Properties properties)
      throws GeneralSecurityException, IOException {
    factory =
        context(
                PGProperty.PG_HOST.getOrDefault(properties),
                PGProperty.SSL_ROOT_CERT.getOrDefault(properties))
            .getSocketFactory();
  }

  /**
   * What a client of this host trusts.
   *
   * @param rootCertificates the file of PGSSLROOTCERT; null if there is none
   */
  public static SSLContext context(String host, String rootCertificates)
      throws GeneralSecurityException, IOException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        null,
        new TrustManager[] {CertificateAuthorities.trustManager(host, rootCertificates)},
        null);
    return context;
  }
}
