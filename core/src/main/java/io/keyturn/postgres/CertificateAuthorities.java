package io.keyturn.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Whose certificates a server may show: those that the operator named, or for a host of RDS its
 * region's, which come with this module, and the JVM's.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html">Certificate
 *     authorities of RDS</a>
 */
final class CertificateAuthorities {
  /** In China the region comes last. */
  private static final Pattern RDS_HOST =
      Pattern.compile(
          ".+\\.(?:([a-z0-9-]+)\\.rds\\.amazonaws\\.com|rds\\.([a-z0-9-]+)\\.amazonaws\\.com\\.cn)");

  private static final String BUNDLE = "https://truststore.pki.rds.amazonaws.com/";

  /** By the file's name: for the whole JVM, since pgjdbc makes a socket factory for each login. */
  private static final Map<String, Named> NAMED = new ConcurrentHashMap<>();

  private CertificateAuthorities() {}

  /** The region in a host name of RDS. */
  static Optional<String> rdsRegion(String host) {
    Matcher matcher = RDS_HOST.matcher(host.toLowerCase(Locale.ROOT));
    return matcher.matches()
        ? Optional.ofNullable(matcher.group(1)).or(() -> Optional.of(matcher.group(2)))
        : Optional.empty();
  }

  /** What to do about a certificate of this host that is not trusted. */
  static String remedy(String host, String file) {
    if (file != null) {
      return "Only the authorities in " + file + ", which PGSSLROOTCERT names, are trusted";
    }
    Optional<String> region = rdsRegion(host);
    if (region.isEmpty()) {
      return "The JVM's authorities are trusted; to trust others, name a PEM file in PGSSLROOTCERT. If "
          + host
          + " is an alias of an RDS endpoint, put the endpoint itself into \"host\"";
    }
    if (isBundled(region.get())) {
      return "RDS's authorities of "
          + region.get()
          + " and the JVM's are trusted; to trust others, name a PEM file in PGSSLROOTCERT";
    }
    return "RDS's authorities of "
        + region.get()
        + " are not among those that Keyturn has; put their PEM file, which AWS has below "
        + BUNDLE
        + ", beside the function and name it in PGSSLROOTCERT";
  }

  /**
   * What verifies the certificates of this host.
   *
   * @param file a PEM file of the only authorities to trust, or null
   * @throws UnreadableAuthoritiesException if it cannot be read
   */
  static X509ExtendedTrustManager trustManager(String host, String file)
      throws GeneralSecurityException, IOException {
    if (file != null) {
      return named(file);
    }
    Optional<String> region = rdsRegion(host).filter(CertificateAuthorities::isBundled);
    return region.isPresent()
        // RDS Proxy's certificates come from an authority that the JVM knows.
        ? new FallbackTrustManager(
            trusting(bundled(region.get())), CertificateAuthorities::trustedByJvm)
        : trustedByJvm();
  }

  /**
   * What trusts the authorities of a file, and what the file was like when it was read: a login
   * must not parse all of them again, but must notice that the file was replaced.
   */
  private record Named(FileTime modified, long size, X509ExtendedTrustManager manager) {
    boolean isOf(BasicFileAttributes file) {
      return modified.equals(file.lastModifiedTime()) && size == file.size();
    }
  }

  private static X509ExtendedTrustManager named(String file)
      throws GeneralSecurityException, IOException {
    try {
      Path path = Path.of(file);
      // Before it is read: if it is replaced meanwhile, it is read again.
      BasicFileAttributes now = Files.readAttributes(path, BasicFileAttributes.class);
      Named known = NAMED.get(file);
      if (known == null || !known.isOf(now)) {
        known = new Named(now.lastModifiedTime(), now.size(), trusting(read(path)));
        NAMED.put(file, known);
      }
      return known.manager();
    } catch (IOException | InvalidPathException | CertificateException e) {
      throw new UnreadableAuthoritiesException(file, e);
    }
  }

  private static Collection<? extends Certificate> read(Path file)
      throws CertificateException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> certificates = parse(in);
      if (certificates.isEmpty()) {
        throw new CertificateException("no certificate is in it");
      }
      return certificates;
    }
  }

  private static boolean isBundled(String region) {
    return CertificateAuthorities.class.getResource(resource(region)) != null;
  }

  static Collection<? extends Certificate> bundled(String region)
      throws GeneralSecurityException, IOException {
    try (InputStream in = CertificateAuthorities.class.getResourceAsStream(resource(region))) {
      return parse(in);
    }
  }

  private static String resource(String region) {
    return "rds/" + region + ".pem";
  }

  private static Collection<? extends Certificate> parse(InputStream in)
      throws CertificateException {
    return CertificateFactory.getInstance("X.509").generateCertificates(in);
  }

  private static X509ExtendedTrustManager trusting(Collection<? extends Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (Certificate certificate : certificates) {
      store.setCertificateEntry("authority " + store.size(), certificate);
    }
    return trusting(store);
  }

  private static X509ExtendedTrustManager trustedByJvm() throws GeneralSecurityException {
    return trusting((KeyStore) null);
  }

  private static X509ExtendedTrustManager trusting(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager x509) {
        return x509;
      }
    }
    throw new GeneralSecurityException("The JVM has nothing that verifies X.509 certificates");
  }
}
