package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.stack.LocalClient;
import io.keyturn.postgres.Deadline;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.TestSql;
import io.keyturn.testing.wire.AwsJsonProtocol;
import io.keyturn.testing.wire.Wire;
import io.keyturn.testing.wire.Wire.Verdict;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Connections with a credential that is rotated. */
@Tag("server")
@Tag("every-postgres")
class RotatingDataSourceTest {
  private final TestSecretsManager service = new TestSecretsManager();
  private TestDatabase database;
  private TestRole role;
  private String arn;
  private RotatingDataSource dataSource;

  @BeforeEach
  void connect() throws SQLException {
    database = TestDatabase.create();
    role = database.createRole("app");
    arn = service.createSecret(json(role.password()));
    dataSource = builder().build();
  }

  @AfterEach
  void close() throws SQLException {
    dataSource.close();
    database.close();
    service.close();
  }

  private RotatingDataSource.Builder builder() {
    return RotatingDataSource.builder(RotatingSecret.of(arn, service.client()));
  }

  private String json(String password) {
    return """
        {"engine":"postgres","host":"%s","port":%d,"dbname":"%s","username":"%s","password":"%s"}"""
        .formatted(
            database.postgres().host(),
            database.postgres().port(),
            database.name(),
            role.name(),
            password);
  }

  private void setDatabasePassword(String password) throws SQLException {
    database.run(
        "ALTER ROLE %s PASSWORD '%s'".formatted(role.quoted(), TestPostgres.verifier(password)));
  }

  private static long backend(Connection connection) throws SQLException {
    return Long.parseLong(TestSql.rows(connection, "SELECT pg_backend_pid()::text").get(0)[0]);
  }

  private long backend() throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return backend(connection);
    }
  }

  @Test
  void handsOutAgainWhatItsLastCallerClosed() throws Exception {
    long first = backend();

    assertThat(backend()).isEqualTo(first);
  }

  @Test
  void givesEachCallerAConnectionOfItsOwn() throws Exception {
    try (Connection one = dataSource.getConnection();
        Connection other = dataSource.getConnection()) {
      assertThat(backend(one)).isNotEqualTo(backend(other));
    }
    String ours =
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'keyturn' AND datname = '"
            + database.name()
            + "'";
    try (Connection superuser = database.superuser()) {
      // The server's process of the other one ends a moment after its client has.
      await().untilAsserted(() -> assertThat(TestSql.rows(superuser, ours)).hasSize(1));
    }
  }

  @Test
  void connectsToTheCallersDatabaseWhereTheSecretNamesNone() throws Exception {
    String current = "SELECT current_database()::text";
    service.put(arn, json(role.password()).replaceFirst("\"dbname\":\"[^\"]*\",", ""));
    for (String asked : List.of(database.name(), "postgres", database.name())) {
      try (Connection connection =
          dataSource.getConnection(Deadline.in(Duration.ofSeconds(30)), asked)) {
        assertThat(TestSql.rows(connection, current).get(0)[0]).isEqualTo(asked);
      }
    }
    try (Connection connection = dataSource.getConnection()) {
      assertThat(TestSql.rows(connection, current).get(0)[0]).isEqualTo("postgres");
    }
  }

  @Test
  void connectsToTheSecretsDatabaseWhateverTheCallerAsksFor() throws Exception {
    long backend = backend();
    try (Connection connection =
        dataSource.getConnection(Deadline.in(Duration.ofSeconds(30)), "postgres")) {
      assertThat(connection.getCatalog()).isEqualTo(database.name());
      assertThat(backend(connection)).isEqualTo(backend);
    }
  }

  @Test
  void keepsNoneUnderAPool() throws Exception {
    dataSource.close();
    dataSource = builder().keepNone().build();

    assertThat(backend()).isNotEqualTo(backend());
  }

  @Test
  void handsOutNoConnectionThatIsDead() throws Exception {
    long first = backend();
    database.run("SELECT pg_terminate_backend(" + first + ")");

    assertThat(backend()).isNotEqualTo(first);
  }

  @Test
  void rollsBackWhatACallerLeftOpen() throws Exception {
    database.run("CREATE TABLE t (id int); GRANT ALL ON t TO " + role.quoted());
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      TestSql.execute(connection, "INSERT INTO t VALUES (1)");
    }
    try (Connection connection = dataSource.getConnection()) {
      assertThat(connection.getAutoCommit()).isTrue();
      assertThat(TestSql.rows(connection, "SELECT id::text FROM t")).isEmpty();
    }
  }

  @Test
  void isReadOnlyIfConfigured() throws Exception {
    dataSource.close();
    dataSource = builder().readOnly().build();
    try (Connection connection = dataSource.getConnection()) {
      assertThatThrownBy(() -> TestSql.execute(connection, "CREATE TABLE t (id int)"))
          .hasMessageContaining("read-only");
    }
  }

  @Test
  void logsInAtEveryMomentOfARotationFromManyThreads() throws Exception {
    dataSource.close();
    dataSource = builder().keepNone().build();
    backend();
    String password = UUID.randomUUID().toString();
    String token = service.startRotation(arn);
    service.putPending(arn, token, json(password));
    setDatabasePassword(password);
    service.service().requests().clear();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Long>> logins = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        logins.add(threads.submit(() -> backend()));
      }
      for (Future<Long> login : logins) {
        assertThat(login.get()).isPositive();
      }
    } finally {
      threads.shutdownNow();
    }
    // AWSCURRENT and AWSPENDING, and again for those that were refused between the two.
    assertThat(service.service().requests().count("GetSecretValue")).isBetween(2, 7);
  }

  private SQLException refusal() {
    return catchThrowableOfType(SQLException.class, this::backend);
  }

  @Test
  void tellsARefusalWithItsVersionAndWithoutThePassword() throws Exception {
    setDatabasePassword("another-one");

    SQLException refusal = refusal();

    assertThat(refusal.getSQLState()).isEqualTo("28P01");
    assertThat(refusal.getMessage())
        .contains(arn, role.name(), database.postgres().host())
        .doesNotContain(role.password());
  }

  @Test
  void triesNoLoginAgainAtOnceAfterARefusal() throws Exception {
    setDatabasePassword("another-one");
    assertThatThrownBy(this::backend).isInstanceOf(SQLException.class);
    String mark = database.postgres().mark();

    for (int i = 0; i < 10; i++) {
      SQLException refusal = refusal();
      assertThat(refusal.getSQLState()).isEqualTo("28P01");
      assertThat(refusal.getMessage()).contains("is tried again in");
    }

    // Other tests use the server meanwhile.
    assertThat(database.postgres().logSince(mark))
        .doesNotContain("password authentication failed for user \"%s\"".formatted(role.name()));
  }

  private List<String[]> sessions() throws SQLException {
    try (Connection superuser = database.superuser()) {
      return TestSql.rows(
          superuser, "SELECT pid::text FROM pg_stat_activity WHERE usename = ?", role.name());
    }
  }

  @Test
  void leavesNoSessionBehindWhenThereIsNoTimeLeft() throws Exception {
    backend();

    assertThatThrownBy(() -> dataSource.getConnection(Deadline.in(Duration.ZERO)))
        .isInstanceOf(SQLTimeoutException.class);

    dataSource.close();
    await().until(() -> sessions().isEmpty());
  }

  @Test
  void cannotBeUsedOnceItIsClosed() throws Exception {
    Connection connection = dataSource.getConnection();
    dataSource.close();

    SQLException refusal = refusal();
    assertThat(refusal.getMessage()).contains("closed", arn);
    assertThat(refusal.getSQLState()).isEqualTo("08003");

    assertThat(backend(connection)).isPositive();
    connection.close();
    await().until(() -> sessions().isEmpty());
  }

  /** As while pg_hba.conf is being reloaded: SQLSTATE 28000. */
  @Test
  void logsInThoughTheServerRefusesForAMoment() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean();
    CompletableFuture<Void> refused = new CompletableFuture<>();
    CompletableFuture<Void> allowed = new CompletableFuture<>();
    // Whoever is refused asks for the secret's versions first, and waits here.
    Wire.Fate fate =
        request -> {
          if (refuses.get()) {
            refused.complete(null);
            allowed.join();
          }
          return Verdict.PASS;
        };
    dataSource.close();
    ExecutorService threads = Executors.newFixedThreadPool(16);
    try (Wire wire =
            new Wire("127.0.0.1", service.endpoint().getPort(), new AwsJsonProtocol(), fate);
        SecretsManagerClient client =
            LocalClient.of(URI.create("http://127.0.0.1:" + wire.port()))) {
      dataSource = RotatingDataSource.builder(RotatingSecret.of(arn, client)).keepNone().build();
      backend();
      database.run("ALTER ROLE %s NOLOGIN".formatted(role.quoted()));
      refuses.set(true);
      List<Future<Long>> logins = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        logins.add(threads.submit(() -> backend()));
      }
      refused.join();
      database.run("ALTER ROLE %s LOGIN".formatted(role.quoted()));
      allowed.complete(null);
      for (Future<Long> login : logins) {
        assertThat(login.get()).isPositive();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void takesNoUserAndPassword() {
    assertThatThrownBy(() -> dataSource.getConnection("app", "password"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining(arn);
  }

  @Test
  void unwrapsToItself() throws Exception {
    assertThat(dataSource.unwrap(RotatingDataSource.class)).isSameAs(dataSource);
    assertThat(dataSource.isWrapperFor(Connection.class)).isFalse();
    assertThatThrownBy(() -> dataSource.unwrap(Connection.class)).isInstanceOf(SQLException.class);
  }
}
