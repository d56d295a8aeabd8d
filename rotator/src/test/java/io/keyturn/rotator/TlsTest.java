package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.Deadline;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.postgres.TlsPolicy;
import io.keyturn.postgres.VerifyingSocketFactory;
import io.keyturn.testing.TestAuthority;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TlsPostgres;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

/**
 * Which servers receive the user and password of a secret, depending on its {@code ssl} key and on
 * the certificate of the server, or of an impostor.
 */
// One server, whose certificate each test changes.
@Execution(ExecutionMode.SAME_THREAD)
@Tag("server")
class TlsTest {
  private static final String LOOPBACK = "127.0.0.1";

  /** 127.0.0.1 too, but not by its text, so no other host is needed that is not loopback. */
  private static final String HOST = "127.1";

  private static final String MISSING = "";
  private static final String TRUE = ",\"ssl\":true";
  private static final String FALSE = ",\"ssl\":false";

  private static final String REGION = "xx-test-1";

  /** Whose certificates PGSSLROOTCERT says to trust. */
  private static final TestAuthority AUTHORITY = new TestAuthority();

  /** What is wrong with a certificate. */
  enum Wrong {
    EXPIRED("validity check failed", "PGSSLROOTCERT"),
    OTHER_HOST("could not be verified by hostnameverifier", "is an alias of the server"),
    UNKNOWN_AUTHORITY("unable to find valid certification path", "authorities.pem");

    private final String message;
    private final String remedy;

    Wrong(String message, String remedy) {
      this.message = message;
      this.remedy = remedy;
    }

    TestAuthority.Issued issue() {
      return switch (this) {
        case EXPIRED -> AUTHORITY.issueExpired(LOOPBACK, HOST);
        case OTHER_HOST -> AUTHORITY.issue("db.example.com", "127.0.0.2");
        case UNKNOWN_AUTHORITY -> new TestAuthority().issue(LOOPBACK, HOST);
      };
    }
  }

  @TempDir private static Path folder;
  private static Path authorities;
  private static TlsPostgres server;
  private static TestDatabase database;
  private static TestRole role;

  private final List<String> warnings = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    authorities = Files.writeString(folder.resolve("authorities.pem"), AUTHORITY.pem());
    server = new TlsPostgres();
    database = TestDatabase.create(server.postgres(), "tls");
    role = database.createRole("app");
  }

  @AfterAll
  static void stop() throws SQLException {
    database.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({LOOPBACK + ",true", LOOPBACK + ",", HOST + ",true", HOST + ","})
  void usesTlsWhereTheCertificateIsRight(String host, String ssl) throws Exception {
    server.show(AUTHORITY.issue(LOOPBACK, HOST));

    try (Connection connection = login(host, key(ssl), false)) {
      assertThat(isEncrypted(connection)).isTrue();
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void usesNoTlsWhereTheSecretRulesItOut() throws Exception {
    server.show(AUTHORITY.issue(LOOPBACK, HOST));

    try (Connection connection = login(HOST, FALSE, false)) {
      assertThat(isEncrypted(connection)).isFalse();
    }
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void refusesAWrongCertificateThoughPlaintextIsAllowed(Wrong wrong) throws Exception {
    server.show(wrong.issue());
    String mark = server.postgres().mark();

    for (String ssl : List.of(TRUE, MISSING)) {
      assertThatThrownBy(() -> login(HOST, ssl, true))
          .isInstanceOf(SQLException.class)
          .hasMessageContainingAll(wrong.message, HOST, "version 1 of secret shop", wrong.remedy)
          .hasMessageNotContaining(role.password());
    }
    assertThatThrownBy(() -> login(LOOPBACK, TRUE, true)).hasMessageContaining(wrong.message);
    assertThat(server.postgres().logSince(mark)).doesNotContain(role.name());
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void onThisMachineAWrongCertificateIsAsGoodAsNone(Wrong wrong) throws Exception {
    server.show(wrong.issue());

    try (Connection connection = login(LOOPBACK, MISSING, false)) {
      assertThat(isEncrypted(connection)).isFalse();
    }
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains(LOOPBACK, "without TLS", wrong.message);
  }

  @Test
  void refusesAServerWithoutTls() throws Exception {
    server.withoutTls();
    String mark = server.postgres().mark();

    assertThatThrownBy(() -> login(HOST, TRUE, true))
        .hasMessageContainingAll("does not support SSL", "\"ssl\": true", "version 1 of secret");
    assertThatThrownBy(() -> login(LOOPBACK, TRUE, true))
        .hasMessageContainingAll("does not support SSL", "\"ssl\": true");
    assertThatThrownBy(() -> login(HOST, MISSING, false))
        .hasMessageContainingAll("does not support SSL", "\"ssl\": false", "ALLOW_PLAINTEXT");
    assertThat(server.postgres().logSince(mark)).doesNotContain(role.name());
    assertThat(warnings).isEmpty();
  }

  @Test
  void usesAServerWithoutTlsWhereThatIsAllowed() throws Exception {
    server.withoutTls();

    login(LOOPBACK, FALSE, false).close();
    login(HOST, FALSE, false).close();
    assertThat(warnings).isEmpty();
    login(LOOPBACK, MISSING, false).close();
    assertThat(warnings).singleElement().asString().contains(LOOPBACK, "without TLS");
    login(HOST, MISSING, true).close();
    assertThat(warnings).hasSize(2).last().asString().contains(HOST, "without TLS");
  }

  @ParameterizedTest
  @EnumSource
  void tellsNothingToAManInTheMiddleWhoStripsTls(TlsStripper.Answer answer) throws Exception {
    server.show(AUTHORITY.issue(LOOPBACK, HOST));
    try (TlsStripper stripper = new TlsStripper(answer, server.postgres())) {
      int port = stripper.port();
      assertThatThrownBy(() -> login(LOOPBACK, port, TRUE, true)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> login(HOST, port, TRUE, true)).isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> login(HOST, port, MISSING, false)).isInstanceOf(SQLException.class);

      assertThat(stripper.sent()).isEmpty();
      assertThat(warnings).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "HANG_UP")
  void wherePlaintextIsAllowedWarnsAndStillShowsNoPassword(TlsStripper.Answer answer)
      throws Exception {
    server.show(AUTHORITY.issue(LOOPBACK, HOST));
    try (TlsStripper stripper = new TlsStripper(answer, server.postgres())) {
      try (Connection connection = login(HOST, stripper.port(), MISSING, true)) {
        assertThat(isEncrypted(connection)).isFalse();
      }

      assertThat(stripper.sent())
          .contains(role.name(), "SCRAM-SHA-256")
          .doesNotContain(role.password());
      assertThat(warnings).singleElement().asString().contains(HOST, "without TLS");
    }
  }

  @Test
  void aServerThatHangsUpIsNotOneWithoutTls() throws Exception {
    try (TlsStripper stripper = new TlsStripper(TlsStripper.Answer.HANG_UP, server.postgres())) {
      assertThatThrownBy(() -> login(HOST, stripper.port(), MISSING, true))
          .isInstanceOf(SQLException.class);
      assertThatThrownBy(() -> login(LOOPBACK, stripper.port(), MISSING, true))
          .isInstanceOf(SQLException.class);

      assertThat(stripper.sent()).isEmpty();
      assertThat(warnings).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {LOOPBACK, HOST})
  void doesNotFallBackWhereTheAuthoritiesCannotBeRead(String host) throws Exception {
    server.show(AUTHORITY.issue(LOOPBACK, HOST));
    Path missing = folder.resolve("missing.pem");
    String mark = server.postgres().mark();

    assertThatThrownBy(() -> login(secret(host, server.postgres().port(), MISSING), true, missing))
        .isInstanceOf(SQLException.class)
        .hasMessageContainingAll("PGSSLROOTCERT", missing.toString());
    assertThat(server.postgres().logSince(mark)).doesNotContain(role.name());
  }

  @Test
  void trustsTheAuthoritiesOfARdsHostsRegion() throws Exception {
    String host = "shop.c1example2ab." + REGION + ".rds.amazonaws.com";
    server.show(AUTHORITY.issue(host));
    // Nobody but AWS has the keys of the bundled ones, so one of the test's own is put beside them.
    Path bundle =
        Path.of(TlsTest.class.getResource("/").toURI())
            .resolve("io/keyturn/postgres/rds/" + REGION + ".pem");
    Files.createDirectories(bundle.getParent());
    try {
      Files.writeString(bundle, AUTHORITY.pem());

      assertThatCode(() -> handshake(host)).doesNotThrowAnyException();
      for (String other : List.of("us-east-1", "xx-new-1")) {
        assertThatThrownBy(() -> handshake(host.replace(REGION, other)))
            .isInstanceOf(SSLException.class)
            .hasMessageContaining("unable to find valid certification path");
      }
    } finally {
      Files.delete(bundle);
    }
  }

  /** What pgjdbc does before it looks at the host's name, but at a host that has no address. */
  private static void handshake(String host) throws Exception {
    Properties properties = new Properties();
    PGProperty.PG_HOST.set(properties, host);
    TestPostgres postgres = server.postgres();
    try (Socket socket = new Socket(postgres.host(), postgres.port())) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(8);
      out.writeInt(80877103);
      assertThat(new DataInputStream(socket.getInputStream()).readByte()).isEqualTo((byte) 'S');
      try (SSLSocket tls =
          (SSLSocket)
              new VerifyingSocketFactory(properties)
                  .createSocket(socket, host, postgres.port(), true)) {
        tls.startHandshake();
      }
    }
  }

  @Test
  void rotatesOverTls() throws Exception {
    server.show(AUTHORITY.issue(LOOPBACK));
    try (RotatedSecret secret = rotated(LOOPBACK, TRUE)) {
      String old = secret.role.password();
      String mark = server.postgres().mark();

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(old)).isFalse();
      assertThat(loginsOf(secret.role, server.postgres().logSince(mark)))
          .isNotEmpty()
          .filteredOn(line -> line.contains("keyturn-rotator"))
          .isNotEmpty()
          .allMatch(line -> line.contains("SSL enabled"));
    }
  }

  @ParameterizedTest
  @CsvSource({LOOPBACK + ",true", HOST + ","})
  void anExpiredCertificateStopsARotationBeforeItChangesAnything(String host, String ssl)
      throws Exception {
    server.show(AUTHORITY.issueExpired(host));
    try (RotatedSecret secret = rotated(host, key(ssl))) {
      secret.begin().step("createSecret");
      Map<String, List<String>> labels = secret.labels();
      String current = secret.secretsManager.value(secret.arn, "AWSCURRENT");
      String pending = secret.password("AWSPENDING");
      String mark = server.postgres().mark();

      for (String step : List.of("setSecret", "testSecret")) {
        assertThatThrownBy(() -> secret.step(step))
            .hasMessageContainingAll(secret.arn, host, "validity check failed");
      }

      assertThat(server.postgres().logSince(mark)).doesNotContain(secret.role.name());
      assertThat(secret.logsIn(secret.role.password())).isTrue();
      assertThat(secret.logsIn(pending)).isFalse();
      assertThat(secret.labels()).isEqualTo(labels);
      assertThat(secret.secretsManager.value(secret.arn, "AWSCURRENT")).isEqualTo(current);
      assertThat(secret.password("AWSPENDING")).isEqualTo(pending);
    }
  }

  private static RotatedSecret rotated(String host, String ssl) throws SQLException {
    RotatedSecret secret =
        new RotatedSecret(
            TestDatabase.create(server.postgres(), "tls"),
            "app",
            Map.of("PGSSLROOTCERT", authorities.toString()));
    secret.putCurrent(
        secret
            .json(secret.role.name(), secret.role.password())
            .replace("\"" + server.postgres().host() + "\"", "\"" + host + "\"" + ssl));
    return secret;
  }

  private static List<String> loginsOf(TestRole role, String log) {
    return log.lines()
        .filter(line -> line.contains("connection authorized: user=" + role.name()))
        .toList();
  }

  private Connection login(String host, String ssl, boolean plaintextAllowed) throws SQLException {
    return login(host, server.postgres().port(), ssl, plaintextAllowed);
  }

  private Connection login(String host, int port, String ssl, boolean plaintextAllowed)
      throws SQLException {
    return login(secret(host, port, ssl), plaintextAllowed, authorities);
  }

  private Connection login(DatabaseSecret secret, boolean plaintextAllowed, Path rootCertificates)
      throws SQLException {
    TlsPolicy policy = new TlsPolicy(plaintextAllowed, rootCertificates.toString());
    return new PostgresLogin("tls-test", policy, Duration.ofSeconds(10))
        .open(secret, Deadline.in(Duration.ofSeconds(60)), warnings::add);
  }

  private static DatabaseSecret secret(String host, int port, String ssl) {
    return DatabaseSecret.parse(
        "{\"host\":\"%s\",\"port\":%d,\"username\":\"%s\",\"password\":\"%s\",\"dbname\":\"%s\"%s}"
            .formatted(host, port, role.name(), role.password(), database.name(), ssl),
        "version 1 of secret shop");
  }

  private static String key(String ssl) {
    return ssl == null ? MISSING : ",\"ssl\":" + ssl;
  }

  private static boolean isEncrypted(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      row.next();
      return row.getBoolean(1);
    }
  }
}
