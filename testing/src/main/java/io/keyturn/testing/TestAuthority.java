package io.keyturn.testing;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.UUID;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for one test. Its keys are new and stay in memory. */
public final class TestAuthority {
  /** A certificate and its key. */
  public record Issued(X509Certificate certificate, PrivateKey key) {
    /** The certificate as PEM. */
    public String certificatePem() {
      return pem(certificate);
    }

    /** The key as unencrypted PKCS #8 PEM, which PostgreSQL reads. */
    public String keyPem() {
      try {
        return pem(new JcaPKCS8Generator(key, null).generate());
      } catch (IOException e) {
        throw new IllegalStateException("The key could not be written", e);
      }
    }
  }

  private final X500Principal name = new X500Principal("CN=Test authority " + UUID.randomUUID());
  private final KeyPair keys = newKeys();
  private final X509Certificate certificate;

  public TestAuthority() {
    Instant now = Instant.now();
    certificate =
        sign(name, keys, now.minus(1, ChronoUnit.DAYS), now.plus(1, ChronoUnit.DAYS), true);
  }

  /** The authority's own certificate. */
  public X509Certificate certificate() {
    return certificate;
  }

  /** The authority's own certificate as PEM. */
  public String pem() {
    return pem(certificate);
  }

  /** A server's certificate for these host names or addresses, valid now. */
  public Issued issue(String... hosts) {
    return issue(Instant.now().plus(1, ChronoUnit.HOURS), hosts);
  }

  /** A server's certificate for these host names or addresses that has expired. */
  public Issued issueExpired(String... hosts) {
    return issue(Instant.now().minus(1, ChronoUnit.HOURS), hosts);
  }

  private Issued issue(Instant end, String... hosts) {
    KeyPair serverKeys = newKeys();
    X500Principal subject = new X500Principal("CN=Test server");
    return new Issued(
        sign(subject, serverKeys, end.minus(2, ChronoUnit.HOURS), end, false, hosts),
        serverKeys.getPrivate());
  }

  private X509Certificate sign(
      X500Principal subject,
      KeyPair subjectKeys,
      Instant start,
      Instant end,
      boolean authority,
      String... hosts) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
                  name,
                  new BigInteger(64, new SecureRandom()).add(BigInteger.ONE),
                  Date.from(start),
                  Date.from(end),
                  subject,
                  subjectKeys.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (hosts.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, names(hosts));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("The certificate could not be made", e);
    }
  }

  private static GeneralNames names(String... hosts) {
    return new GeneralNames(
        Arrays.stream(hosts)
            .map(
                host ->
                    new GeneralName(
                        host.matches("\\d+(\\.\\d+){3}|.*:.*")
                            ? GeneralName.iPAddress
                            : GeneralName.dNSName,
                        host))
            .toArray(GeneralName[]::new));
  }

  private static KeyPair newKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The JVM makes no EC keys", e);
    }
  }

  private static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw new IllegalStateException("PEM could not be written", e);
    }
    return text.toString();
  }
}
