package io.keyturn.testing;

import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.GivenServer;
import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.local.support.RunFolder;
import io.keyturn.local.support.StartedParts;
import io.keyturn.testing.wire.PostgresProtocol;
import io.keyturn.testing.wire.Wire;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.postgresql.ds.PGSimpleDataSource;
import org.postgresql.util.PasswordUtil;

/**
 * A real PostgreSQL for tests, one per JVM: by Testcontainers where a Docker engine answers,
 * embedded where none does.
 *
 * <p>The system property {@code keyturn.postgres} forces one: {@code testcontainers}, {@code
 * embedded}, or a {@code jdbc:postgresql://} URL with a superuser's name and password. The server
 * demands SCRAM-SHA-256 of every TCP connection, the superuser's too, and logs every statement.
 */
public final class TestPostgres {
  /** The system property that says which server the tests use. */
  public static final String CHOICE = "keyturn.postgres";

  private static final String URL = "jdbc:postgresql://";

  // JUL holds its loggers weakly: kept here, so that their level stays. The one line that shared()
  // prints says what these would in twenty.
  private static final Logger[] QUIET = {
    Logger.getLogger("io.zonky"), Logger.getLogger("org.testcontainers"), Logger.getLogger("tc")
  };

  private static final SecureRandom RANDOM = new SecureRandom();

  private static TestPostgres shared;
  private static String failure;

  private final PostgresServer server;
  private final ServerLog log;
  private final String origin;
  private final String version;
  private final int majorVersion;
  private final Deque<Connection> preparing = new ConcurrentLinkedDeque<>();

  /**
   * @param origin how the server was started, for the line that says which one the tests use
   */
  TestPostgres(PostgresServer server, ServerLog log, String origin) throws SQLException {
    this.server = server;
    this.log = log;
    this.origin = origin;
    try (Connection connection = quietly("postgres");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT split_part(version(), ' ', 2),"
                    + " current_setting('server_version_num')::int / 10000")) {
      row.next();
      version = row.getString(1);
      majorVersion = row.getInt(2);
    }
  }

  /** The server of this JVM, started at the first call and stopped with the JVM. */
  public static synchronized TestPostgres shared() {
    if (failure != null) {
      throw new IllegalStateException("The tests' PostgreSQL did not start before: " + failure);
    }
    if (shared == null) {
      try {
        String choice = System.getProperty(CHOICE);
        shared = start(choice);
        if (choice == null || !choice.startsWith(URL)) {
          shared.makeLoginsCheap();
        }
      } catch (Exception e) {
        failure = e.toString();
        throw new IllegalStateException(
            "The tests' PostgreSQL did not start (-D"
                + CHOICE
                + "=embedded needs no Docker engine)",
            e);
      }
      System.out.printf("Tests use PostgreSQL %s (%s)%n", shared.version, shared.origin);
    }
    return shared;
  }

  /** A server that a test has started for itself, with settings that the shared one has not. */
  public static TestPostgres of(EmbeddedServer server) throws SQLException {
    return new TestPostgres(server, server::log, "embedded");
  }

  static TestPostgres start(String choice) throws SQLException {
    for (Logger logger : QUIET) {
      if (logger.getLevel() == null) {
        logger.setLevel(Level.WARNING);
      }
    }
    if (choice == null) {
      return DockerEngine.answers() ? container() : embedded();
    }
    if (choice.equals("testcontainers")) {
      return container();
    }
    if (choice.equals("embedded")) {
      return embedded();
    }
    if (choice.startsWith(URL)) {
      return given(GivenServer.at(choice));
    }
    throw new IllegalArgumentException(
        "%s takes testcontainers, embedded or jdbc:postgresql://host:port/?user=...&password=...; it is: %s"
            .formatted(CHOICE, choice));
  }

  private static TestPostgres container() throws SQLException {
    // It occurs nowhere else, so that a search for it finds only leaks.
    ContainerServer server = ContainerServer.start(UUID.randomUUID().toString());
    return new TestPostgres(server, server::log, "Testcontainers, " + ContainerServer.IMAGE);
  }

  /** The local stack's server, which runs until the tests' JVM ends. */
  private static TestPostgres embedded() throws SQLException {
    StartedParts parts = new StartedParts("PostgreSQL of the tests");
    RunFolder folder = parts.opened(RunFolder.create());
    return of(parts.opened(EmbeddedServer.start(folder.folder("postgres"), ServerSettings.all())));
  }

  private static TestPostgres given(GivenServer server) throws SQLException {
    TestPostgres given =
        new TestPostgres(
            server,
            GivenServerLog.of(server),
            "given at %s:%d".formatted(server.host(), server.port()));
    try (Connection connection = given.superuser();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW is_superuser")) {
      row.next();
      if (!row.getString(1).equals("on")) {
        throw new IllegalArgumentException(
            "%s names a role that is not a superuser: %s".formatted(CHOICE, server.superuser()));
      }
    }
    return given;
  }

  /**
   * Has passwords hashed once instead of 4,096 times, by the client and by the server: the tests
   * log in thousands of times.
   */
  void makeLoginsCheap() throws SQLException {
    try (Connection connection = quietly("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "ALTER ROLE %s PASSWORD '%s'"
              .formatted(quote(superuserName()), verifier(superuserPassword())));
      if (majorVersion >= 16) {
        statement.execute("ALTER SYSTEM SET scram_iterations = 1");
        statement.execute("SELECT pg_reload_conf()");
      }
    }
  }

  /** A verifier of this password that takes little time to check. */
  public static String verifier(String password) {
    byte[] salt = new byte[16];
    RANDOM.nextBytes(salt);
    return PasswordUtil.encodeScramSha256(password.toCharArray(), 1, salt);
  }

  /** The address clients connect to. */
  public String host() {
    return server.host();
  }

  /** The TCP port clients connect to. */
  public int port() {
    return server.port();
  }

  /** A wire to this server. */
  public Wire wire(Wire.Fate fate) {
    return new Wire(host(), port(), new PostgresProtocol(), fate);
  }

  /** The superuser's name. */
  public String superuserName() {
    return server.superuser();
  }

  /** The superuser's password. */
  public String superuserPassword() {
    return server.superuserPassword();
  }

  /** The JDBC URL of this database, without a user. */
  public String jdbcUrl(String database) {
    return server.jdbcUrl(database);
  }

  /** A new connection of the superuser to the database {@code postgres}. */
  public Connection superuser() throws SQLException {
    return superuser("postgres");
  }

  /** A new connection of the superuser to this database. */
  public Connection superuser(String database) throws SQLException {
    return login(superuserName(), superuserPassword(), database);
  }

  /** A new connection with these credentials. */
  public Connection login(String user, String password, String database) throws SQLException {
    return dataSource(database).getConnection(user, password);
  }

  /** Whether the server lets this role in with this password, to the database {@code postgres}. */
  public boolean canLogIn(String user, String password) throws SQLException {
    return canLogIn(user, password, "postgres");
  }

  /**
   * Whether the server lets this role in with this password; any other failure than its refusal of
   * the credentials is thrown.
   */
  public boolean canLogIn(String user, String password, String database) throws SQLException {
    return server.logsIn(user, password, database);
  }

  /** The server's version without its builder's suffix, such as {@code 18.6}. */
  public String serverVersion() {
    return version;
  }

  /** The server's major version, such as 18. */
  public int majorVersion() {
    return majorVersion;
  }

  /**
   * Everything the server has logged up to now since it started, every statement in it; of a server
   * given by URL, since this JVM first connected.
   *
   * @throws IllegalStateException when a server given by URL does not let its log be read
   */
  public String log() throws SQLException {
    String end = mark();
    // The server writes its log in order, but a container's reaches Docker a little later.
    long deadline = System.nanoTime() + 30_000_000_000L;
    while (System.nanoTime() < deadline) {
      String log = this.log.read();
      int index = log.indexOf(end);
      if (index >= 0) {
        return log.substring(0, log.lastIndexOf('\n', index) + 1);
      }
    }
    throw new IllegalStateException("The server's log does not hold a statement run 30 s ago");
  }

  /**
   * What the server has logged up to now since {@code mark}.
   *
   * @param mark what {@link #mark()} returned
   */
  public String logSince(String mark) throws SQLException {
    String log = log();
    int index = log.lastIndexOf(mark);
    if (index < 0) {
      throw new IllegalArgumentException("Not in the server's log: " + mark);
    }
    int lineEnd = log.indexOf('\n', index);
    return lineEnd < 0 ? "" : log.substring(lineEnd + 1);
  }

  /** Writes a line into the server's log, for {@link #logSince(String)} to start from. */
  public String mark() throws SQLException {
    String mark = "mark " + UUID.randomUUID();
    try (Connection connection = superuser();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT '" + mark + "'");
    }
    return mark;
  }

  /** This name as an SQL identifier, whatever characters it has. */
  public static String quote(String identifier) {
    return '"' + identifier.replace("\"", "\"\"") + '"';
  }

  /**
   * A connection of the superuser whose statements are not logged: the log is to show what the code
   * under test did, not what its test prepared.
   */
  Connection quietly(String database) throws SQLException {
    PGSimpleDataSource source = dataSource(database);
    source.setOptions("-c log_statement=none");
    return source.getConnection(superuserName(), superuserPassword());
  }

  /** What a test prepares and clears up on the server itself. */
  @FunctionalInterface
  interface Preparation {
    void run(Connection connection) throws SQLException;
  }

  /**
   * Runs this on a {@linkplain #quietly quiet} connection to the database {@code postgres}, which
   * is kept for the next test: a login takes longer than most of what a test prepares.
   */
  void prepare(Preparation preparation) throws SQLException {
    Connection idle = preparing.poll();
    // Its server may have been restarted.
    Connection connection = idle != null && idle.isValid(0) ? idle : quietly("postgres");
    try {
      preparation.run(connection);
    } finally {
      preparing.push(connection);
    }
  }

  private PGSimpleDataSource dataSource(String database) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setServerNames(new String[] {host()});
    source.setPortNumbers(new int[] {port()});
    source.setDatabaseName(database);
    return source;
  }
}
