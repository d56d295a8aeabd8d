package io.keyturn.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The certificate authorities of RDS that come with this module. */
class RdsBundleTest {
  static List<String> regions() throws Exception {
    Path folder = Path.of(CertificateAuthorities.class.getResource("rds").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString().replace(".pem", "")).sorted().toList();
    }
  }

  @Test
  void hasTheRegions() throws Exception {
    assertThat(regions())
        .hasSizeGreaterThanOrEqualTo(27)
        .contains("us-east-1", "eu-central-1", "ap-south-2", "me-central-1")
        .allMatch(region -> region.matches("[a-z]{2}(-[a-z]+)+-\\d"));
  }

  @ParameterizedTest
  @MethodSource("regions")
  void hasTheRegionsRootsOfEachKindOfKeyAndNothingElse(String region) throws Exception {
    List<String> names = new ArrayList<>();
    for (Certificate authority : CertificateAuthorities.bundled(region)) {
      X509Certificate certificate = (X509Certificate) authority;
      names.add(
          certificate.getSubjectX500Principal().getName().replaceFirst(".*CN=([^,]*).*", "$1"));
      assertThat(certificate.getBasicConstraints()).as("is an authority").isNotNegative();
      certificate.verify(certificate.getPublicKey());
      // A fixed day and not today's, since no build should fail because of the day it is run on.
      // RDS's roots end in 2061 and later; one that ends much sooner is of the generation that
      // ended in 2024, or of a new kind that somebody should look at.
      assertThat(certificate.getNotAfter()).isAfter(Instant.parse("2060-01-01T00:00:00Z"));
    }
    String root = "Amazon RDS " + region + " Root CA ";
    assertThat(names)
        .containsExactlyInAnyOrder(root + "RSA2048 G1", root + "RSA4096 G1", root + "ECC384 G1");
  }
}
