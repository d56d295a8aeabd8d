package io.keyturn.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose certificates which host may show; what is checked is a root itself. */
class CertificateAuthoritiesTest {
  private static final String RDS = "shop.c1example2ab.us-east-1.rds.amazonaws.com";
  private static final String ELSEWHERE = "db.example.com";

  @ParameterizedTest
  @CsvSource({
    "shop.c1example2ab.us-east-1.rds.amazonaws.com, us-east-1",
    "Shop.Cluster-RO-c1example2ab.EU-Central-1.RDS.AmazonAWS.com, eu-central-1",
    "shop.proxy-c1example2ab.ap-southeast-4.rds.amazonaws.com, ap-southeast-4",
    "shop.c1example2ab.rds.cn-north-1.amazonaws.com.cn, cn-north-1",
  })
  void readsTheRegionInARdsHost(String host, String region) {
    assertThat(CertificateAuthorities.rdsRegion(host)).contains(region);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "db.example.com",
        "127.0.0.1",
        "us-east-1.rds.amazonaws.com",
        "shop.us-east-1.rds.amazonaws.com.example.com",
        "shop.us-east-1.rdsxamazonaws.com",
        "shop.us/east.rds.amazonaws.com"
      })
  void takesNoOtherHostForOneOfRds(String host) {
    assertThat(CertificateAuthorities.rdsRegion(host)).isEmpty();
  }

  @Test
  void aRdsHostMayShowItsRegionsCertificatesAndTheJvms() throws Exception {
    X509ExtendedTrustManager manager = CertificateAuthorities.trustManager(RDS, null);

    assertThat(trusts(manager, root("us-east-1"))).isTrue();
    assertThat(trusts(manager, rootOfRdsProxy())).isTrue();
    assertThat(trusts(manager, root("eu-west-1"))).isFalse();
  }

  @Test
  void anotherHostMayShowTheJvmsOnly() throws Exception {
    X509ExtendedTrustManager manager = CertificateAuthorities.trustManager(ELSEWHERE, null);

    assertThat(trusts(manager, rootOfRdsProxy())).isTrue();
    assertThat(trusts(manager, root("us-east-1"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {RDS, ELSEWHERE})
  void withAFileOnlyItsAuthoritiesCount(String host, @TempDir Path folder) throws Exception {
    Path file = folder.resolve("authorities.pem");
    copyBundle("eu-west-1", file);

    X509ExtendedTrustManager manager = CertificateAuthorities.trustManager(host, file.toString());

    assertThat(trusts(manager, root("eu-west-1"))).isTrue();
    assertThat(trusts(manager, root("us-east-1"))).isFalse();
    assertThat(trusts(manager, rootOfRdsProxy())).isFalse();
  }

  @Test
  void aFileIsReadOnceAndAgainWhenItWasReplaced(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("authorities.pem");
    copyBundle("eu-west-1", file);

    X509ExtendedTrustManager manager =
        CertificateAuthorities.trustManager(ELSEWHERE, file.toString());
    assertThat(CertificateAuthorities.trustManager(RDS, file.toString())).isSameAs(manager);

    // As a deployment does it, so that no reader finds half a file.
    Path next = folder.resolve("next.pem");
    copyBundle("us-east-1", next);
    Files.setLastModifiedTime(
        next, FileTime.from(Files.getLastModifiedTime(file).toInstant().plusSeconds(1)));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);

    X509ExtendedTrustManager replaced =
        CertificateAuthorities.trustManager(ELSEWHERE, file.toString());
    assertThat(trusts(replaced, root("us-east-1"))).isTrue();
    assertThat(trusts(replaced, root("eu-west-1"))).isFalse();
  }

  private static void copyBundle(String region, Path file) throws Exception {
    try (var bundle = CertificateAuthorities.class.getResourceAsStream("rds/" + region + ".pem")) {
      Files.copy(bundle, file);
    }
  }

  @Test
  void theJvmsAuthoritiesAreLeftUnreadWhereTheRegionsDo() throws Exception {
    FallbackTrustManager manager =
        new FallbackTrustManager(
            CertificateAuthorities.trustManager(RDS, null),
            () -> {
              throw new AssertionError("The JVM's authorities were read");
            });

    assertThatCode(() -> check(manager, root("us-east-1"))).doesNotThrowAnyException();
  }

  @Test
  void tellsBothReasonsWhyACertificateIsNotTrusted() throws Exception {
    X509ExtendedTrustManager manager = CertificateAuthorities.trustManager(RDS, null);

    assertThatThrownBy(() -> check(manager, root("eu-west-1")))
        .isInstanceOf(CertificateException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
  }

  @ParameterizedTest
  @CsvSource({
    RDS + ", us-east-1",
    "db.c1.xx-new-1.rds.amazonaws.com, https://truststore.pki.rds.amazonaws.com/",
    "db.c1.rds.cn-north-1.amazonaws.com.cn, cn-north-1",
    ELSEWHERE + ", JVM's",
  })
  void theRemedyNamesTheVariableThatAddsAuthorities(String host, String other) {
    assertThat(CertificateAuthorities.remedy(host, null)).contains("PGSSLROOTCERT", other);
  }

  @Test
  void aRegionThatIsNotBundledHasTheJvmsAuthorities() throws Exception {
    // RDS Proxy works there too.
    X509ExtendedTrustManager manager =
        CertificateAuthorities.trustManager("db.c1.xx-new-1.rds.amazonaws.com", null);

    assertThat(trusts(manager, rootOfRdsProxy())).isTrue();
    assertThat(trusts(manager, root("us-east-1"))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no PEM at all", "-----BEGIN CERTIFICATE-----\nQUJD\n"})
  void aFileWithoutCertificatesIsRefusedByTheVariablesName(String text, @TempDir Path folder)
      throws Exception {
    Path file = Files.writeString(folder.resolve("authorities.pem"), text);

    assertThatThrownBy(() -> CertificateAuthorities.trustManager(RDS, file.toString()))
        .isInstanceOf(UnreadableAuthoritiesException.class)
        .hasMessageContainingAll("PGSSLROOTCERT", file.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "missing.pem", "\0"})
  void aFileThatCannotBeReadIsRefusedByTheVariablesName(String name, @TempDir Path folder) {
    String file = folder + "/" + name;

    assertThatThrownBy(() -> CertificateAuthorities.trustManager(ELSEWHERE, file))
        .isInstanceOf(UnreadableAuthoritiesException.class)
        .hasMessageContainingAll("PGSSLROOTCERT", file);
  }

  private static boolean trusts(X509ExtendedTrustManager manager, X509Certificate root) {
    try {
      check(manager, root);
      return true;
    } catch (CertificateException e) {
      return false;
    }
  }

  private static void check(X509ExtendedTrustManager manager, X509Certificate root)
      throws CertificateException {
    manager.checkServerTrusted(new X509Certificate[] {root}, "ECDHE_RSA");
  }

  private static X509Certificate root(String region) throws Exception {
    return (X509Certificate) CertificateAuthorities.bundled(region).iterator().next();
  }

  private static X509Certificate rootOfRdsProxy() throws Exception {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init((KeyStore) null);
    for (X509Certificate root :
        ((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers()) {
      if (root.getSubjectX500Principal().getName().startsWith("CN=Amazon Root CA 1,")) {
        return root;
      }
    }
    throw new AssertionError("The JVM does not know the authority of RDS Proxy");
  }
}
