package io.keyturn.local.support;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/**
 * A certificate for 127.0.0.1 and its certificate authority. With it the functions use TLS, as they
 * do in AWS.
 */
public final class LocalTls {
  private static final String AUTHORITY = "authority";
  private static final String SERVER = "server";
  private static final String TYPE = "PKCS12";

  /** As the JDK's own, it is read without a password; a PKCS12 file would cost 20,000 hashes. */
  private static final String TRUST_TYPE = "JKS";

  private final Path folder;
  private final char[] password = UUID.randomUUID().toString().toCharArray();
  private final KeyStore keys;
  private final KeyStore trusted;

  /** Runs keytool with these arguments. */
  @FunctionalInterface
  public interface Keytool {
    void run(List<String> arguments);
  }

  private LocalTls(Path folder, Keytool keytool) throws GeneralSecurityException, IOException {
    this.folder = folder;
    Path store = folder.resolve("keys.p12");
    generate(keytool, store, AUTHORITY, "bc:c", List.of());
    generate(keytool, store, SERVER, "san=ip:127.0.0.1", List.of("-signer", AUTHORITY));
    keys = KeyStore.getInstance(store.toFile(), password);
    trusted = KeyStore.getInstance(TRUST_TYPE);
    trusted.load(null, null);
  }

  /**
   * Creates the authority and the certificate.
   *
   * @param folder takes the files; the caller deletes it
   * @param cacerts the other authorities that functions trust
   */
  public static LocalTls create(Path folder, Keytool keytool, Path cacerts) {
    try {
      LocalTls tls = new LocalTls(folder, keytool);
      tls.trust(cacerts);
      tls.writeForPostgres();
      return tls;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The certificate could not be created in " + folder, e);
    }
  }

  /** Returns the system properties with which a JVM trusts the authority. */
  public Map<String, String> trustProperties() {
    return Map.of(
        "javax.net.ssl.trustStore",
        trustStore().toString(),
        "javax.net.ssl.trustStoreType",
        TRUST_TYPE);
  }

  public SSLContext server() {
    try {
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      KeyStore own = KeyStore.getInstance(TYPE);
      own.load(null, null);
      own.setKeyEntry(
          SERVER, keys.getKey(SERVER, password), password, keys.getCertificateChain(SERVER));
      managers.init(own, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("No TLS with the certificate in " + folder, e);
    }
  }

  public TrustManager[] trustManagers() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      return factory.getTrustManagers();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("The authority in " + folder + " cannot be trusted", e);
    }
  }

  public Map<String, String> postgresSettings() {
    return Map.of(
        "ssl", "on",
        "ssl_cert_file", certificateFile().toString(),
        "ssl_key_file", keyFile().toString());
  }

  private void generate(
      Keytool keytool, Path store, String alias, String extension, List<String> further) {
    // AWS's endpoints and RDS have RSA keys of this length.
    String given = String.valueOf(password);
    List<String> arguments =
        List.of(
            "-genkeypair",
            "-alias",
            alias,
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-dname",
            "CN=keyturn local " + alias,
            "-ext",
            extension,
            "-validity",
            "2",
            "-storetype",
            TYPE,
            "-keystore",
            store.toString(),
            "-storepass",
            given);
    keytool.run(Stream.concat(arguments.stream(), further.stream()).toList());
  }

  private void trust(Path cacerts) throws GeneralSecurityException, IOException {
    KeyStore others = KeyStore.getInstance(cacerts.toFile(), (char[]) null);
    for (String alias : Collections.list(others.aliases())) {
      trusted.setCertificateEntry(alias, others.getCertificate(alias));
    }
    trusted.setCertificateEntry("keyturn " + AUTHORITY, keys.getCertificate(AUTHORITY));
    try (OutputStream out = Files.newOutputStream(trustStore())) {
      trusted.store(out, password);
    }
    StringBuilder all = new StringBuilder();
    for (String alias : Collections.list(trusted.aliases())) {
      all.append(pem("CERTIFICATE", trusted.getCertificate(alias).getEncoded()));
    }
    Files.writeString(authoritiesFile(), all);
  }

  private void writeForPostgres() throws GeneralSecurityException, IOException {
    StringBuilder chain = new StringBuilder();
    for (Certificate certificate : keys.getCertificateChain(SERVER)) {
      chain.append(pem("CERTIFICATE", certificate.getEncoded()));
    }
    Files.writeString(certificateFile(), chain);
    Key key = keys.getKey(SERVER, password);
    Files.createFile(
        keyFile(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(keyFile(), pem("PRIVATE KEY", key.getEncoded()));
  }

  private static String pem(String label, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            label,
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(content),
            label);
  }

  /** All authorities that functions trust, as PEM. */
  public Path authoritiesFile() {
    return folder.resolve("authorities.pem");
  }

  private Path trustStore() {
    return folder.resolve("trusted.jks");
  }

  /** The server's certificate and that of its authority, as PEM. */
  public Path certificateFile() {
    return folder.resolve("server.crt");
  }

  private Path keyFile() {
    return folder.resolve("server.key");
  }
}
