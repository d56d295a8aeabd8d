package io.keyturn.bench.fleet;

import io.keyturn.local.postgres.EmbeddedServer;
import io.keyturn.local.postgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.postgresql.util.PasswordUtil;

/** The one PostgreSQL of a fleet: an admin that is no superuser, and the roles that it has made. */
final class FleetDatabase implements AutoCloseable {
  private static final String ADMIN = "fleet_admin";
  private static final long CLOCK_TICK_MILLIS = 10;

  private final EmbeddedServer server;
  private final Path postmasterPid;
  private final String adminPassword = UUID.randomUUID().toString();

  private FleetDatabase(EmbeddedServer server, Path postmasterPid) {
    this.server = server;
    this.postmasterPid = postmasterPid;
  }

  static FleetDatabase start(Path folder, int maxConnections) throws SQLException {
    FleetDatabase database =
        new FleetDatabase(
            EmbeddedServer.start(
                folder,
                Map.of(
                    "max_connections", String.valueOf(maxConnections),
                    "log_connections", "on",
                    "log_disconnections", "on")),
            folder.resolve("data").resolve("postmaster.pid"));
    try (Connection superuser =
            database.server.login(
                database.server.superuser(), database.server.superuserPassword());
        Statement statement = superuser.createStatement()) {
      statement.execute(
          "CREATE ROLE "
              + ADMIN
              + " LOGIN CREATEROLE PASSWORD "
              + verifier(database.adminPassword));
      return database;
    } catch (SQLException | RuntimeException e) {
      try (database) {
        throw e;
      }
    }
  }

  Login admin() {
    return new Login(ADMIN, adminPassword);
  }

  /** Makes roles, whose password is their name and a secret of the server. */
  void createRoles(int count) throws SQLException {
    try (Connection admin = server.login(ADMIN, adminPassword);
        Statement statement = admin.createStatement()) {
      for (int i = 0; i < count; i++) {
        Login login = firstLogin(i);
        statement.execute(
            "CREATE ROLE " + login.user() + " LOGIN PASSWORD " + verifier(login.password()));
      }
    }
  }

  Login firstLogin(int number) {
    String user = "app_" + number;
    return new Login(user, user + "_" + adminPassword);
  }

  PostgresServer server() {
    return server;
  }

  String version() throws SQLException {
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)")) {
      row.next();
      return row.getString(1);
    }
  }

  ServerLog log() {
    return new ServerLog(server.log());
  }

  /** What the server and all its sessions that have ended took of a processor. */
  Duration processorTime() {
    try {
      String pid = Files.readAllLines(postmasterPid).get(0).strip();
      String stat = Files.readString(Path.of("/proc", pid, "stat"));
      // Behind the name, which may hold anything: the state is the third field.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      long ticks = 0;
      for (int field = 14; field <= 17; field++) {
        ticks += Long.parseLong(fields[field - 3]);
      }
      return Duration.ofMillis(ticks * CLOCK_TICK_MILLIS);
    } catch (IOException e) {
      throw new UncheckedIOException("The server's processor time could not be read", e);
    }
  }

  private static String verifier(String password) throws SQLException {
    return "'" + PasswordUtil.encodeScramSha256(password.toCharArray()) + "'";
  }

  @Override
  public void close() {
    server.close();
  }
}
