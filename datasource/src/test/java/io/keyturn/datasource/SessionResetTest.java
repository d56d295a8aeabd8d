package io.keyturn.datasource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;

/** A connection comes to its next caller as it came from its login. */
@Tag("every-postgres")
class SessionResetTest {
  private static TestSecretsManager service;
  private static TestDatabase database;
  private final List<String> warnings = new ArrayList<>();
  private TestRole role;
  private RotatingDataSource dataSource;

  @BeforeAll
  static void createDatabase() throws SQLException {
    service = new TestSecretsManager();
    database = TestDatabase.create();
    database.run(
        "CREATE TABLE t (id int); CREATE SEQUENCE s; GRANT ALL ON t TO PUBLIC; GRANT ALL ON SEQUENCE s TO PUBLIC");
  }

  @AfterAll
  static void dropDatabase() throws SQLException {
    database.close();
    service.close();
  }

  @BeforeEach
  void connect() throws SQLException {
    role = database.createRole("app");
    dataSource = builder(role.name(), role.password()).build();
  }

  @AfterEach
  void close() throws SQLException {
    dataSource.close();
  }

  private RotatingDataSource.Builder builder(String user, String password) {
    String arn =
        service.createSecret(
            """
            {"engine":"postgres","host":"%s","port":%d,"dbname":"%s","username":"%s","password":"%s","ssl":false}"""
                .formatted(
                    database.postgres().host(),
                    database.postgres().port(),
                    database.name(),
                    user,
                    password));
    return RotatingDataSource.builder(RotatingSecret.of(arn, service.client())).warn(warnings::add);
  }

  private void replaceBy(RotatingDataSource.Builder builder) throws SQLException {
    dataSource.close();
    dataSource = builder.build();
  }

  private static String value(Connection connection, String sql) throws SQLException {
    List<String[]> rows = TestSql.rows(connection, sql);
    return rows.isEmpty() ? "no row" : rows.get(0)[0];
  }

  /** What the next caller sees. */
  private String value(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      return value(connection, sql);
    }
  }

  private void run(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(sql);
    }
  }

  private String backend() throws SQLException {
    return value("SELECT pg_backend_pid()::text");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SET search_path = pg_catalog | SHOW search_path",
        "SELECT set_config('work_mem', '1MB', false) | SHOW work_mem",
        "SET statement_timeout = '1h' | SHOW statement_timeout",
        "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE |"
            + " SHOW transaction_isolation",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY | SHOW transaction_read_only",
        "SET SESSION CHARACTERISTICS AS TRANSACTION DEFERRABLE | SHOW transaction_deferrable",
        "SET TIME ZONE 'Asia/Tokyo' | SHOW TimeZone",
        "SET application_name = 'other' | SHOW application_name",
        "SET extra_float_digits = 0 | SHOW extra_float_digits",
        "PREPARE mine AS SELECT 1 | SELECT count(*) FROM pg_prepared_statements WHERE from_sql",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1 | SELECT count(*) FROM pg_cursors",
        "SELECT pg_advisory_lock(7) |"
            + " SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
        "SELECT pg_advisory_lock_shared(7) |"
            + " SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()",
        "LISTEN news | SELECT count(*) FROM pg_listening_channels()",
        "CREATE TEMPORARY TABLE mine (id int) | SELECT to_regclass('pg_temp.mine') IS NULL",
        "CREATE TEMPORARY VIEW mine AS SELECT 1 | SELECT to_regclass('pg_temp.mine') IS NULL",
        "CREATE TEMPORARY SEQUENCE mine | SELECT to_regclass('pg_temp.mine') IS NULL",
        "CREATE TYPE pg_temp.mine AS (id int) | SELECT to_regtype('pg_temp.mine') IS NULL",
        "CREATE FUNCTION pg_temp.mine() RETURNS int LANGUAGE sql AS 'SELECT 1' |"
            + " SELECT to_regproc('pg_temp.mine') IS NULL",
        "BEGIN; SELECT pg_export_snapshot() | SELECT count(*) FROM pg_stat_activity"
            + " WHERE pid = pg_backend_pid() AND xact_start <> statement_timestamp()",
        "BEGIN; SELECT lo_create(0); SET LOCAL work_mem = '1MB' | SHOW work_mem",
        "BEGIN; SAVEPOINT a; SET LOCAL work_mem = '1MB' | SHOW work_mem",
      })
  void leavesNothingOfWhatSqlChanged(String change, String look) throws Exception {
    String before = value(look);
    String backend = backend();

    run(change);

    assertThat(value(look)).isEqualTo(before);
    assertThat(backend()).isEqualTo(backend);
    assertThat(warnings).isEmpty();
  }

  /** As a fresh session, whose random numbers nobody can foretell. */
  @Test
  void leavesNoSeed() throws Exception {
    run("SELECT setseed(0.5)");
    String one = value("SELECT random()");
    run("SELECT setseed(0.5)");

    assertThat(value("SELECT random()")).isNotEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {"currval('s')", "lastval()"})
  void leavesNoSequence(String look) throws Exception {
    run("SELECT nextval('s')");

    assertThat(catchThrowable(() -> value("SELECT " + look)))
        .hasMessageContaining("not yet defined in this session");
  }

  @Test
  void leavesNoValueOfACustomSetting() throws Exception {
    run("SET app.tenant = '42'");

    // PostgreSQL cannot unset it: it is empty from now on, not NULL.
    assertThat(value("SELECT current_setting('app.tenant', true)")).isEmpty();
  }

  @Test
  void leavesNoRole() throws Exception {
    TestRole other = database.createRole("other", "NOLOGIN");
    database.run("GRANT %s TO %s".formatted(other.quoted(), role.quoted()));

    run("SET ROLE " + other.quoted());

    assertThat(value("SELECT current_user")).isEqualTo(role.name());
  }

  /** As one of two alternating users does, also on versions whose DISCARD ALL ends that role. */
  @ParameterizedTest
  @ValueSource(
      strings = {"SELECT 1", "SET ROLE NONE", "SET SESSION AUTHORIZATION DEFAULT", "DISCARD ALL"})
  void goesOnAsTheRoleThatItsUserIsSetTo(String change) throws Exception {
    TestRole base = database.createRole("base", "NOLOGIN");
    database.run(
        "GRANT %1$s TO %2$s; ALTER ROLE %2$s SET role = %1$s"
            .formatted(base.quoted(), role.quoted()));
    String backend = backend();

    run(change);

    assertThat(value("SELECT current_user")).isEqualTo(base.name());
    assertThat(backend()).isEqualTo(backend);
  }

  @Test
  void leavesNoSessionAuthorization() throws Exception {
    String superuser = database.postgres().superuserName();
    replaceBy(builder(superuser, database.postgres().superuserPassword()));
    String backend = backend();

    run("SET SESSION AUTHORIZATION " + role.quoted());

    assertThat(value("SELECT session_user")).isEqualTo(superuser);
    assertThat(backend()).isEqualTo(backend);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEGIN", "BEGIN READ ONLY", "BEGIN; SAVEPOINT a"})
  void endsATransactionBegunInSql(String begin) throws Exception {
    database.run("TRUNCATE t");
    String backend = backend();
    run(begin + "; SELECT 1");

    run("INSERT INTO t VALUES (1)");

    try (Connection superuser = database.superuser()) {
      assertThat(value(superuser, "SELECT count(*) FROM t")).isEqualTo("1");
    }
    assertThat(backend()).isEqualTo(backend);
  }

  @Test
  void endsATransactionThatHasFailed() throws Exception {
    String backend = backend();
    assertThatThrownBy(() -> run("BEGIN; SELECT 1/0")).hasMessageContaining("division by zero");
    assertThat(backend()).isEqualTo(backend);

    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> value(connection, "SELECT 1/0"))
          .hasMessageContaining("division by zero");
    }
    assertThat(backend()).isEqualTo(backend);
  }

  /** The prepared transaction itself belongs to no session; its caller ends it. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isInNoTransactionThatAnotherHasPrepared(boolean autoCommit) throws Exception {
    String backend = backend();
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(autoCommit);
      TestSql.execute(
          connection,
          (autoCommit ? "BEGIN; " : "")
              + "INSERT INTO t VALUES (77); SET LOCAL work_mem = '1MB'; PREPARE TRANSACTION 'mine'");
    }

    assertThat(value("SELECT count(*) FROM t WHERE id = 77")).isEqualTo("0");
    assertThat(value("SHOW work_mem")).isNotEqualTo("1MB");
    assertThat(value("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"))
        .isEqualTo("mine");
    run("ROLLBACK PREPARED 'mine'");
    assertThat(backend()).isEqualTo(backend);
    assertThat(warnings).isEmpty();
  }

  @Test
  void replacesAConnectionInTheMiddleOfACopy() throws Exception {
    String backend = backend();
    try (Connection connection = dataSource.getConnection()) {
      connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY t FROM STDIN");
    }

    assertThat(backend()).isNotEqualTo(backend);
  }

  @Test
  void givesNobodyTheNotificationsOfAnother() throws Exception {
    try (Connection connection = dataSource.getConnection()) {
      // Its own notification arrives with the answer to this, and stays in the driver.
      TestSql.execute(connection, "LISTEN news; NOTIFY news, 'secret'");
    }

    try (Connection connection = dataSource.getConnection()) {
      assertThat(connection.unwrap(PGConnection.class).getNotifications()).isNullOrEmpty();
    }
  }

  /** A property of the connection. */
  private interface Change {
    void of(Connection connection) throws SQLException;
  }

  private interface Look {
    Object at(Connection connection) throws SQLException;
  }

  private record Property(String name, Change change, Look look) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static PGConnection postgres(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class);
  }

  static Stream<Property> properties() {
    Properties clientInfo = new Properties();
    clientInfo.setProperty("ApplicationName", "other");
    return Stream.of(
        new Property("autoCommit", c -> c.setAutoCommit(false), Connection::getAutoCommit),
        new Property("readOnly", c -> c.setReadOnly(true), Connection::isReadOnly),
        new Property(
            "readOnly on the server",
            c -> c.setReadOnly(true),
            c -> value(c, "SHOW transaction_read_only")),
        new Property(
            "isolation",
            c -> c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE),
            Connection::getTransactionIsolation),
        new Property("schema", c -> c.setSchema("pg_catalog"), Connection::getSchema),
        new Property("catalog", c -> c.setCatalog("other"), Connection::getCatalog),
        new Property(
            "holdability",
            c -> c.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT),
            Connection::getHoldability),
        new Property(
            "networkTimeout",
            c -> c.setNetworkTimeout(Runnable::run, 1234),
            Connection::getNetworkTimeout),
        new Property("clientInfo", c -> c.setClientInfo(clientInfo), Connection::getClientInfo),
        new Property(
            "typeMap", c -> c.setTypeMap(Map.of("a", String.class)), Connection::getTypeMap),
        new Property(
            "typeMap, changed in place",
            c -> c.getTypeMap().put("a", String.class),
            Connection::getTypeMap),
        new Property(
            "warnings",
            c -> TestSql.execute(c, "DO 'BEGIN RAISE WARNING $$w$$; END'"),
            Connection::getWarnings),
        new Property(
            "savepoint",
            c -> {
              c.setAutoCommit(false);
              c.setSavepoint("a");
            },
            Connection::getAutoCommit),
        new Property(
            "open statements",
            c -> {
              c.setAutoCommit(false);
              Statement statement = c.createStatement();
              statement.setFetchSize(1);
              statement.executeQuery("SELECT generate_series(1, 100)").next();
            },
            c -> value(c, "SELECT count(*) FROM pg_cursors")),
        new Property(
            "prepareThreshold",
            c -> postgres(c).setPrepareThreshold(1),
            c -> postgres(c).getPrepareThreshold()),
        new Property(
            "defaultFetchSize",
            c -> postgres(c).setDefaultFetchSize(7),
            c -> postgres(c).getDefaultFetchSize()),
        new Property(
            "adaptiveFetch",
            c -> postgres(c).setAdaptiveFetch(true),
            c -> postgres(c).getAdaptiveFetch()),
        new Property(
            "autosave",
            c -> postgres(c).setAutosave(AutoSave.ALWAYS),
            c -> postgres(c).getAutosave()));
  }

  @ParameterizedTest
  @MethodSource("properties")
  void leavesNoPropertyOfTheConnectionChanged(Property property) throws Exception {
    for (boolean readOnly : new boolean[] {false, true}) {
      RotatingDataSource.Builder builder = builder(role.name(), role.password());
      replaceBy(readOnly ? builder.readOnly() : builder);
      Object before;
      String backend;
      try (Connection connection = dataSource.getConnection()) {
        before = property.look.at(connection);
        backend = value(connection, "SELECT pg_backend_pid()");
      }
      try (Connection connection = dataSource.getConnection()) {
        property.change.of(connection);
      }
      try (Connection connection = dataSource.getConnection()) {
        assertThat(property.look.at(connection)).isEqualTo(before);
        assertThat(value(connection, "SELECT pg_backend_pid()")).isEqualTo(backend);
      }
    }
  }

  @Test
  void staysReadOnlyIfConfigured() throws Exception {
    replaceBy(builder(role.name(), role.password()).readOnly());
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(false);
    }
    run("RESET ALL");

    assertThatThrownBy(() -> run("INSERT INTO t VALUES (1)")).hasMessageContaining("read-only");
  }

  @Test
  void canBeUsedByNobodyOnceItIsClosed() throws Exception {
    Connection connection = dataSource.getConnection();
    Statement statement = connection.createStatement();
    connection.close();

    assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
    assertThatThrownBy(connection::createStatement).isInstanceOf(SQLException.class);
  }

  /** Server-prepared statements of the driver are gone after the reset, and it has to know that. */
  @Test
  void goesOnWithStatementsThatTheDriverHadPrepared() throws Exception {
    for (int use = 0; use < 4; use++) {
      try (Connection connection = dataSource.getConnection()) {
        connection.unwrap(PGConnection.class).setPrepareThreshold(1);
        for (int i = 0; i < 3; i++) {
          assertThat(TestSql.rows(connection, "SELECT ?", "x").get(0)[0]).isEqualTo("x");
        }
      }
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void leavesTheLogClean() throws Exception {
    String backend = backend();
    String mark = database.postgres().mark();
    assertThat(backend()).isEqualTo(backend);

    // Other tests use the server meanwhile.
    assertThat(database.postgres().logSince(mark))
        .doesNotContain("[%s] WARNING".formatted(backend));
  }
}
