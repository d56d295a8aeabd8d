package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.sql.AWSSecretsManagerPostgreSQLDriver;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What other libraries do where this one promises something. It prints the tables of {@code
 * docs/datasource.md}, and fails where they are out of date.
 */
@Tag("slow")
class OtherLibrariesTest {
  private static final int LOGINS = 20;

  private final TestSecretsManager service = new TestSecretsManager();
  private TestDatabase database;
  private TestRole role;

  @FunctionalInterface
  private interface Logins {
    Connection open() throws SQLException;
  }

  @BeforeEach
  void createDatabase() throws SQLException {
    database = TestDatabase.create();
    role = database.createRole("app");
  }

  @AfterEach
  void close() throws SQLException {
    service.close();
    database.close();
  }

  private String json(String password) {
    return """
        {"engine":"postgres","host":"%s","port":%d,"dbname":"%s","username":"%s","password":"%s","ssl":false}"""
        .formatted(
            database.postgres().host(),
            database.postgres().port(),
            database.name(),
            role.name(),
            password);
  }

  @Test
  void logInDuringARotationOfASingleUser() throws Exception {
    String arn = service.createSecret(json(role.password()));
    try (RotatingDataSource ours =
        RotatingDataSource.builder(RotatingSecret.of(arn, service.client())).keepNone().build()) {
      Map<String, Logins> libraries = new LinkedHashMap<>();
      libraries.put("`RotatingDataSource`", ours::getConnection);
      libraries.put("aws-secretsmanager-jdbc", secretsManagerJdbc(arn));
      libraries.put("aws-advanced-jdbc-wrapper", advancedWrapper(arn));

      Map<String, Integer> before = failures(libraries);
      String password = UUID.randomUUID().toString();
      String token = service.startRotation(arn);
      service.putPending(arn, token, json(password));
      database.run(
          "ALTER ROLE %s PASSWORD '%s'".formatted(role.quoted(), TestPostgres.verifier(password)));
      Map<String, Integer> within = failures(libraries);
      service.makeCurrent(arn, token);
      Map<String, Integer> after = failures(libraries);

      for (String library : libraries.keySet()) {
        System.out.printf(
            "| %s | %d | %d | %d |%n",
            library, before.get(library), within.get(library), after.get(library));
      }
      assertThat(before.values()).containsOnly(0);
      assertThat(within.values()).containsExactly(0, LOGINS, LOGINS);
      assertThat(after.values()).containsOnly(0);
    }
  }

  private Logins secretsManagerJdbc(String arn) {
    AWSSecretsManagerPostgreSQLDriver driver =
        new AWSSecretsManagerPostgreSQLDriver(new SecretCache(service.client()));
    Properties properties = new Properties();
    properties.setProperty("user", arn);
    String url = "jdbc-secretsmanager:" + database.jdbcUrl().substring("jdbc:".length());
    return () -> driver.connect(url, properties);
  }

  private Logins advancedWrapper(String arn) {
    Properties properties = new Properties();
    properties.setProperty("wrapperPlugins", "awsSecretsManager2");
    properties.setProperty("secretsManagerSecretId", arn);
    properties.setProperty("secretsManagerRegion", "us-east-1");
    properties.setProperty("secretsManagerEndpoint", service.endpoint().toString());
    String url = "jdbc:aws-wrapper:" + database.jdbcUrl().substring("jdbc:".length());
    return () -> new software.amazon.jdbc.Driver().connect(url, properties);
  }

  private static Map<String, Integer> failures(Map<String, Logins> libraries) {
    Map<String, Integer> failures = new LinkedHashMap<>();
    libraries.forEach((library, logins) -> failures.put(library, failures(library, logins)));
    return failures;
  }

  private static int failures(String library, Logins logins) {
    SQLException last = null;
    int failed = 0;
    for (int i = 0; i < LOGINS; i++) {
      try (Connection connection = logins.open()) {
        TestSql.execute(connection, "SELECT 1");
      } catch (SQLException e) {
        last = e;
        failed++;
      }
    }
    if (last != null) {
      System.out.println(library + ": " + last);
    }
    return failed;
  }

  /**
   * What a session keeps.
   *
   * @param change leaves it in the session
   * @param look has the same answer in each session that has it, and another one in the others
   */
  private record State(String kind, String change, String look) {}

  private static final List<State> STATES =
      List.of(
          new State("settings (`SET`)", "SET work_mem = '1MB'", "SHOW work_mem"),
          new State(
              "settings (`set_config`)",
              "SELECT set_config('search_path', 'pg_catalog', false)",
              "SHOW search_path"),
          new State("settings of your own", "SET app.tenant = '42'", "SHOW app.tenant"),
          new State(
              "defaults of transactions",
              "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
              "SHOW transaction_read_only"),
          new State("role", "SET ROLE pg_monitor", "SELECT current_user"),
          new State(
              "session authorization",
              "SET SESSION AUTHORIZATION pg_monitor",
              "SELECT session_user"),
          new State(
              "transaction begun by `BEGIN`",
              "BEGIN; INSERT INTO t VALUES (1)",
              "SELECT pg_current_xact_id_if_assigned() IS NULL"),
          new State(
              "prepared statements",
              "PREPARE p AS SELECT 1",
              "SELECT count(*) FROM pg_prepared_statements WHERE name = 'p'"),
          new State(
              "cursors",
              "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
              "SELECT count(*) FROM pg_cursors WHERE name = 'c'"),
          new State("temporary tables", "CREATE TEMP TABLE mine ()", "SELECT to_regclass('mine')"),
          new State(
              "advisory locks",
              "SELECT pg_advisory_lock_shared(7)",
              "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"),
          new State("`LISTEN`", "LISTEN news", "SELECT count(*) FROM pg_listening_channels()"),
          new State("values of sequences", "SELECT nextval('s')", "SELECT lastval() > 0"),
          new State("seed of `random()`", "SELECT setseed(0.5)", "SELECT random()"));

  @Test
  void leaveTheStateOfASessionToTheNextCaller() throws Exception {
    database.run("CREATE TABLE t (id int); CREATE SEQUENCE s");
    database.run("ALTER ROLE %s SUPERUSER".formatted(role.quoted()));
    String arn = service.createSecret(json(role.password()));
    PGSimpleDataSource driver = new PGSimpleDataSource();
    driver.setUrl(database.jdbcUrl());
    driver.setUser(role.name());
    driver.setPassword(role.password());
    HikariConfig pool = new HikariConfig();
    pool.setDataSource(driver);
    pool.setMaximumPoolSize(1);
    List<String> leftByHikari = new ArrayList<>();
    List<String> leftByOurs = new ArrayList<>();
    for (State state : STATES) {
      try (HikariDataSource hikari = new HikariDataSource(pool);
          RotatingDataSource ours =
              RotatingDataSource.builder(RotatingSecret.of(arn, service.client())).build()) {
        if (isLeft(state, driver, hikari)) {
          leftByHikari.add(state.kind());
        }
        if (isLeft(state, driver, ours)) {
          leftByOurs.add(state.kind());
        }
      }
      System.out.printf(
          "| %s | %s | %s |%n",
          state.kind(),
          leftByHikari.contains(state.kind()) ? "yes" : "no",
          leftByOurs.contains(state.kind()) ? "yes" : "no");
    }

    assertThat(leftByHikari).isEqualTo(STATES.stream().map(State::kind).toList());
    assertThat(leftByOurs).isEmpty();
  }

  /** Whether the next caller finds what the session of another has right after the change. */
  private static boolean isLeft(State state, DataSource fresh, DataSource tried) throws Exception {
    String left;
    try (Connection connection = fresh.getConnection()) {
      run(connection, state.change());
      left = value(connection, state.look());
    }
    try (Connection connection = fresh.getConnection()) {
      assertThat(value(connection, state.look())).as(state.kind()).isNotEqualTo(left);
    }
    try (Connection connection = tried.getConnection()) {
      run(connection, state.change());
    }
    try (Connection connection = tried.getConnection()) {
      return value(connection, state.look()).equals(left);
    }
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String value(Connection connection, String sql) {
    try {
      return String.valueOf(TestSql.rows(connection, sql).get(0)[0]);
    } catch (SQLException e) {
      // Such as lastval() in a session that has drawn none.
      return e.getMessage();
    }
  }
}
