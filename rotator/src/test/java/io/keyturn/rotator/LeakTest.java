package io.keyturn.rotator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.support.RunFolder;
import io.keyturn.rotator.role.Sql;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestPostgres;
import io.keyturn.testing.TestRole;
import io.keyturn.testing.TestSecretsManager;
import io.keyturn.testing.TestSql;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Searches whatever a rotation leaves behind, at a server that logs all it can and a function whose
 * libraries do, for every password there was.
 */
@Isolated("It reads the output and sets the log levels of the whole JVM")
@Tag("every-postgres")
@Tag("server")
class LeakTest {
  private static final Map<String, String> TALKATIVE =
      Map.ofEntries(
          Map.entry("shared_preload_libraries", "auto_explain,pg_stat_statements"),
          Map.entry("log_statement", "all"),
          Map.entry("log_min_messages", "debug2"),
          Map.entry("log_min_error_statement", "debug5"),
          Map.entry("log_min_duration_statement", "0"),
          Map.entry("log_parameter_max_length", "-1"),
          Map.entry("log_parameter_max_length_on_error", "-1"),
          Map.entry("log_connections", "on"),
          Map.entry("log_error_verbosity", "verbose"),
          Map.entry("debug_print_parse", "on"),
          Map.entry("auto_explain.log_min_duration", "0"),
          Map.entry("auto_explain.log_verbose", "on"),
          Map.entry("auto_explain.log_nested_statements", "on"),
          Map.entry("pg_stat_statements.track", "all"),
          // Some servers still have it, and their roles a hash that is no verifier.
          Map.entry("password_encryption", "md5"));

  private static final List<Logger> LOGGERS =
      List.of(
          Logger.getLogger("org.postgresql"),
          Logger.getLogger("software.amazon.awssdk"),
          Logger.getLogger("sun.net.www.protocol.http"),
          Logger.getLogger("io.keyturn"));

  private static RunFolder folder;
  private static EmbeddedServer server;
  private static TestPostgres postgres;

  private final Set<String> passwords = new LinkedHashSet<>();
  private final StringBuilder exceptions = new StringBuilder();
  private final StringBuilder functionLog = new StringBuilder();
  private final StringBuilder libraryLog = new StringBuilder();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final Handler handler =
      new Handler() {
        {
          setFormatter(new SimpleFormatter());
          setLevel(Level.ALL);
        }

        @Override
        public synchronized void publish(LogRecord record) {
          libraryLog.append(getFormatter().format(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeAll
  static void start() throws SQLException {
    folder = RunFolder.create();
    server = EmbeddedServer.start(folder.folder("postgres"), TALKATIVE);
    postgres = TestPostgres.of(server);
    try (Connection superuser = postgres.superuser()) {
      TestSql.execute(superuser, "CREATE EXTENSION pg_stat_statements");
      // Lets a role in whose password is an MD5 hash, and those with a verifier as before.
      TestSql.execute(
          superuser,
          "DO $$ BEGIN EXECUTE format('COPY (SELECT %L) TO %L',"
              + " 'host all all 127.0.0.1/32 md5', current_setting('hba_file')); END $$");
      TestSql.execute(superuser, "SELECT pg_reload_conf()");
    }
  }

  @AfterAll
  static void stop() {
    server.close();
    folder.close();
  }

  private void listen() {
    System.setOut(new PrintStream(output, true, UTF_8));
    System.setErr(new PrintStream(output, true, UTF_8));
    for (Logger logger : LOGGERS) {
      logger.setLevel(Level.ALL);
      logger.addHandler(handler);
    }
  }

  @AfterEach
  void stopListening() {
    System.setOut(out);
    System.setErr(err);
    for (Logger logger : LOGGERS) {
      logger.removeHandler(handler);
      logger.setLevel(null);
    }
  }

  @Test
  void noPasswordIsFoundAnywhere() throws Exception {
    listen();
    singleUser();
    alternatingUsers();
    stopListening();

    Map<String, String> places = places();
    long bytes = places.values().stream().mapToLong(text -> text.getBytes(UTF_8).length).sum();
    for (String password : passwords) {
      assertThat(found(password, places)).as("places that hold a password").isEmpty();
    }
    assertThat(places.get("server log")).contains("SCRAM-SHA-256$", "duration:", "Query Text:");
    assertThat(places.get("pg_stat_statements")).contains("SCRAM-SHA-256$");
    assertThat(places.get("exceptions")).contains("Nothing was changed", "lock timeout");
    assertThat(places.get("libraries' log")).contains("SASL", "GetSecretValue");
    System.out.printf(
        "PostgreSQL %s: none of %d passwords was found in %,d bytes: %s%n",
        postgres.serverVersion(), passwords.size(), bytes, places.keySet());
  }

  /** The search itself must be able to find something. */
  @Test
  void aPasswordThatIsShownIsFound() throws Exception {
    String shown = UUID.randomUUID() + "/\"+";
    listen();
    try (TestDatabase database = TestDatabase.create(postgres, "control")) {
      TestRole role = database.createRole("app");
      database.run("ALTER ROLE " + role.quoted() + " PASSWORD " + Sql.literal(shown));
      exceptions.append(
          Throwables.everythingIn(new IllegalStateException("x", new SQLException(shown))));
      new TestContext().getLogger().log(shown);
      System.out.println(Base64.getEncoder().encodeToString(shown.getBytes(UTF_8)));
      LOGGERS.get(1).log(Level.FINEST, "body: {0}", URLEncoder.encode(shown, UTF_8));
      functionLog.append(RotatedSecret.quote(shown));
    }
    stopListening();

    assertThat(found(shown, places())).containsExactlyElementsOf(places().keySet());
  }

  @Test
  void aRoleWithAnMd5HashGetsAVerifier() throws Exception {
    try (TestDatabase database = TestDatabase.create(postgres, "md5");
        RotatedSecret secret = new RotatedSecret(database, database.createRole("app"))) {
      byte[] hash =
          MessageDigest.getInstance("MD5")
              .digest((secret.role.password() + secret.role.name()).getBytes(UTF_8));
      database.run(
          "ALTER ROLE %s PASSWORD 'md5%032x'"
              .formatted(secret.role.quoted(), new BigInteger(1, hash)));
      assertThat(secret.logsIn(secret.role.password())).isTrue();

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isFalse();
      assertThat(storedPassword(secret.role.name())).startsWith("SCRAM-SHA-256$");
    }
  }

  @Test
  void theTwinGetsAVerifierToo() throws Exception {
    try (TestDatabase database = TestDatabase.create(postgres, "md5");
        AlternatingSecret secret = alternating(database)) {
      secret.rotate();

      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(storedPassword(secret.twin)).startsWith("SCRAM-SHA-256$");
    }
  }

  private static String storedPassword(String role) throws SQLException {
    try (Connection superuser = postgres.superuser()) {
      return TestSql.rows(superuser, "SELECT rolpassword FROM pg_authid WHERE rolname = ?", role)
          .get(0)[0];
    }
  }

  private void singleUser() throws Exception {
    try (TestDatabase database = TestDatabase.create(postgres, "single");
        RotatedSecret secret = new RotatedSecret(database, database.createRole("app"))) {
      passwords.add(secret.role.password());
      for (int i = 0; i < 2; i++) {
        secret.rotate();
        passwords.add(secret.password("AWSCURRENT"));
      }
      String role = secret.role.quoted();
      secret.begin().step("createSecret");
      passwords.add(secret.password("AWSPENDING"));
      // What the server refuses: the login, and then the new password.
      database.run("ALTER ROLE " + role + " NOLOGIN");
      fails(() -> secret.step("setSecret"));
      fails(() -> secret.step("testSecret"));
      database.run("ALTER ROLE " + role + " LOGIN");
      secret.step("setSecret");
      database.run("ALTER ROLE " + role + " PASSWORD NULL");
      fails(() -> secret.step("testSecret"));
      fails(() -> secret.step("setSecret"));
      // A secret that is none.
      String broken = UUID.randomUUID().toString();
      passwords.add(broken);
      secret.putCurrent("{\"password\":\"" + broken + "\", " + broken);
      fails(() -> secret.step("setSecret"));
      keep(secret.context, secret.lines, secret.secretsManager);
    }
  }

  private void alternatingUsers() throws Exception {
    try (TestDatabase database = TestDatabase.create(postgres, "alternating");
        AlternatingSecret secret = alternating(database)) {
      passwords.add(secret.admin.password());
      passwords.add(secret.app.password());
      for (int i = 0; i < 2; i++) {
        secret.rotate();
        passwords.add(secret.secret("AWSCURRENT").password());
      }
      String admin = secret.admin.quoted();
      secret.begin().step("createSecret");
      passwords.add(secret.secret("AWSPENDING").password());
      database.run("ALTER ROLE " + admin + " NOCREATEROLE");
      fails(() -> secret.step("setSecret"));
      database.run("ALTER ROLE " + admin + " CREATEROLE");
      // The statement with the verifier itself fails, which the server logs with the error.
      database.run("ALTER ROLE " + admin + " SET lock_timeout = '100ms'");
      try (Connection other = database.superuser()) {
        other.setAutoCommit(false);
        TestSql.execute(other, "ALTER ROLE " + secret.quotedTwin() + " CONNECTION LIMIT 5");
        TestSql.execute(other, "ALTER ROLE " + secret.app.quoted() + " CONNECTION LIMIT 5");
        fails(() -> secret.step("setSecret"));
        other.rollback();
      }
      database.run("ALTER ROLE " + admin + " RESET lock_timeout");
      database.run("ALTER ROLE " + admin + " NOLOGIN");
      fails(() -> secret.step("setSecret"));
      database.run("ALTER ROLE " + admin + " LOGIN");
      secret.step("setSecret");
      database.run("ALTER ROLE " + secret.quotedTwin() + " SET search_path = elsewhere");
      fails(() -> secret.step("testSecret"));
      keep(secret.context, secret.lines, secret.secretsManager);
    }
  }

  private static AlternatingSecret alternating(TestDatabase database) throws SQLException {
    return new AlternatingSecret(
        database, new TestRole(TestDatabase.unique("app"), UUID.randomUUID().toString()), Map.of());
  }

  private void fails(org.assertj.core.api.ThrowableAssert.ThrowingCallable step) {
    Throwable failure = catchThrowable(step);
    assertThat(failure).isNotNull();
    exceptions.append(Throwables.everythingIn(failure));
  }

  private void keep(TestContext context, List<String> lines, TestSecretsManager secretsManager) {
    lines.forEach(line -> functionLog.append(line).append('\n'));
    assertThat(context.log()).isNotEmpty();
    context.log().forEach(line -> functionLog.append(line).append('\n'));
    assertThat(secretsManager.service().requests().all()).isNotEmpty();
  }

  /** Where a password might have got to, and what stands there. */
  private Map<String, String> places() throws SQLException {
    Map<String, String> places = new LinkedHashMap<>();
    places.put("server log", postgres.log());
    try (Connection superuser = postgres.superuser()) {
      StringBuilder statements = new StringBuilder();
      TestSql.rows(superuser, "SELECT query FROM pg_stat_statements")
          .forEach(row -> statements.append(row[0]).append('\n'));
      places.put("pg_stat_statements", statements.toString());
    }
    places.put("function's log", functionLog.toString());
    places.put("exceptions", exceptions.toString());
    places.put("standard output", output.toString(UTF_8));
    places.put("libraries' log", libraryLog.toString());
    return places;
  }

  private static List<String> found(String password, Map<String, String> places) {
    byte[] bytes = password.getBytes(UTF_8);
    String quoted = RotatedSecret.quote(password);
    List<String> forms =
        List.of(
            password,
            quoted.substring(1, quoted.length() - 1),
            URLEncoder.encode(password, UTF_8),
            Base64.getEncoder().withoutPadding().encodeToString(bytes),
            Base64.getUrlEncoder().withoutPadding().encodeToString(bytes),
            "%x".formatted(new BigInteger(1, bytes)));
    return places.entrySet().stream()
        .filter(place -> forms.stream().anyMatch(place.getValue()::contains))
        .map(Map.Entry::getKey)
        .toList();
  }
}
