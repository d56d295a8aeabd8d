package io.keyturn.testing;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A database and roles for one test. They are dropped when it is closed.
 *
 * <p>Names have a unique suffix. The statements of this class are not in the server's log.
 */
public final class TestDatabase implements AutoCloseable {
  private static final int LONGEST_NAME = 63;

  private final TestPostgres postgres;
  private final String name;
  private final Set<String> roles = new LinkedHashSet<>();

  private TestDatabase(TestPostgres postgres, String name) {
    this.postgres = postgres;
    this.name = name;
  }

  /** Creates a database whose name begins with {@code test}. */
  public static TestDatabase create() throws SQLException {
    return create("test");
  }

  /** Creates a database whose name begins with this prefix, whatever characters it has. */
  public static TestDatabase create(String prefix) throws SQLException {
    return create(TestPostgres.shared(), prefix);
  }

  /** Creates a database on another server than the one that tests share. */
  public static TestDatabase create(TestPostgres postgres, String prefix) throws SQLException {
    TestDatabase database = new TestDatabase(postgres, unique(prefix));
    database.prepare("CREATE DATABASE " + TestPostgres.quote(database.name));
    return database;
  }

  /** The server this database is on. */
  public TestPostgres postgres() {
    return postgres;
  }

  /** The database's name. */
  public String name() {
    return name;
  }

  /** The database's JDBC URL, without a user. */
  public String jdbcUrl() {
    return postgres.jdbcUrl(name);
  }

  /** Creates a role that may log in, with a new password. */
  public TestRole createRole(String prefix) throws SQLException {
    return createRole(prefix, "LOGIN");
  }

  /**
   * Creates a role with a new password.
   *
   * @param attributes as CREATE ROLE takes them, such as {@code LOGIN CREATEROLE}
   */
  public TestRole createRole(String prefix, String attributes) throws SQLException {
    return createRole(new TestRole(unique(prefix), UUID.randomUUID().toString()), attributes);
  }

  /** Creates this role. No other test may use its name. */
  public TestRole createRole(TestRole role, String attributes) throws SQLException {
    // Only the verifier is sent, so that no error can bring the password into the log.
    String verifier = TestPostgres.verifier(role.password());
    prepare("CREATE ROLE %s %s PASSWORD '%s'".formatted(role.quoted(), attributes, verifier));
    roles.add(role.name());
    return role;
  }

  /** Also drops this role at the end, which the code under test creates or may create. */
  public void dropLater(String role) {
    roles.add(role);
  }

  /** Runs these statements as the superuser in this database. */
  public void run(String sql) throws SQLException {
    try (Connection connection = postgres.quietly(name)) {
      TestSql.execute(connection, sql);
    }
  }

  /** A new connection of the superuser to this database. */
  public Connection superuser() throws SQLException {
    return postgres.superuser(name);
  }

  /** A new connection of this role to this database. */
  public Connection login(TestRole role) throws SQLException {
    return login(role.name(), role.password());
  }

  /** A new connection with these credentials to this database. */
  public Connection login(String user, String password) throws SQLException {
    return postgres.login(user, password, name);
  }

  /** Whether the server lets this role into this database with this password. */
  public boolean canLogIn(String user, String password) throws SQLException {
    return postgres.canLogIn(user, password, name);
  }

  /** Whether the server lets this role into this database with the password it was created with. */
  public boolean canLogIn(TestRole role) throws SQLException {
    return canLogIn(role.name(), role.password());
  }

  /** Whether the server has a role of this name. */
  public boolean hasRole(String name) throws SQLException {
    try (Connection connection = superuser()) {
      return !TestSql.rows(connection, "SELECT 1 FROM pg_roles WHERE rolname = ?", name).isEmpty();
    }
  }

  /** Runs statements as this user. */
  public void run(String user, String password, String sql) throws SQLException {
    try (Connection connection = login(user, password)) {
      TestSql.execute(connection, sql);
    }
  }

  /** Returns the prefix, cut to fit, with a unique suffix. */
  public static String unique(String prefix) {
    String ending = "_" + UUID.randomUUID().toString().substring(0, 8);
    String start = prefix;
    while (start.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME - ending.length()) {
      start = start.substring(0, start.offsetByCodePoints(start.length(), -1));
    }
    return start + ending;
  }

  /** Drops the database, ends all connections to it, and drops the roles. */
  @Override
  public void close() throws SQLException {
    prepare("DROP DATABASE IF EXISTS %s WITH (FORCE)".formatted(TestPostgres.quote(name)));
    postgres.prepare(this::dropRoles);
  }

  private void dropRoles(Connection connection) throws SQLException {
    List<String> existing = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement("SELECT rolname FROM pg_roles WHERE rolname = ANY (?)")) {
      query.setArray(1, connection.createArrayOf("text", roles.toArray()));
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          existing.add(TestPostgres.quote(rows.getString(1)));
        }
      }
    }
    if (!existing.isEmpty()) {
      // A role that has granted another, or may use something outside, cannot be dropped otherwise.
      TestSql.execute(
          connection,
          "DROP OWNED BY %1$s CASCADE; DROP ROLE %1$s".formatted(String.join(", ", existing)));
    }
  }

  private void prepare(String sql) throws SQLException {
    postgres.prepare(connection -> TestSql.execute(connection, sql));
  }
}
