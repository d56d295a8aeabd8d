package io.keyturn.postgres;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts a server that either of two trust managers trusts. The second one may be slow to create,
 * so it is created only for a server that the first one does not trust.
 */
final class FallbackTrustManager extends X509ExtendedTrustManager {
  /** Creates a trust manager. */
  @FunctionalInterface
  interface Source {
    X509ExtendedTrustManager make() throws GeneralSecurityException;
  }

  @FunctionalInterface
  private interface Check {
    void by(X509ExtendedTrustManager manager) throws CertificateException;
  }

  private final X509ExtendedTrustManager first;
  private final Source second;

  FallbackTrustManager(X509ExtendedTrustManager first, Source second) {
    this.first = first;
    this.second = second;
  }

  private void check(Check check) throws CertificateException {
    try {
      check.by(first);
    } catch (CertificateException e) {
      try {
        check.by(second.make());
      } catch (GeneralSecurityException secondFailure) {
        e.addSuppressed(secondFailure);
        throw e;
      }
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(manager -> manager.checkServerTrusted(chain, authType, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(manager -> manager.checkServerTrusted(chain, authType, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(manager -> manager.checkServerTrusted(chain, authType));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    first.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    first.checkClientTrusted(chain, authType, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    first.checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return first.getAcceptedIssuers();
  }
}
