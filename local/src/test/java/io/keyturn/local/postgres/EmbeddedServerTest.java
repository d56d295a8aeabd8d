package io.keyturn.local.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.Driver;

class EmbeddedServerTest {
  @TempDir static Path folder;
  private static EmbeddedServer server;

  @BeforeAll
  static void start() {
    server = EmbeddedServer.start(folder, Map.of("max_connections", "23"));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void theRightPasswordLogsInAndAWrongOneIsRefused() throws SQLException {
    assertThat(server.logsIn(server.superuser(), server.superuserPassword())).isTrue();
    assertThat(server.logsIn(server.superuser(), "wrong")).isFalse();
    assertThat(server.logsIn("nobody", "wrong")).isFalse();
    assertThat(server.log()).contains("password authentication failed for user \"postgres\"");
  }

  @Test
  void aRoleThatMayNotLogInIsRefused() throws SQLException {
    execute("CREATE ROLE locked NOLOGIN PASSWORD 'locked'");
    assertThat(server.logsIn("locked", "locked")).isFalse();
  }

  @Test
  void aFailureOtherThanARefusedLoginIsThrown() throws SQLException {
    execute("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0 PASSWORD 'crowd'");
    assertThatThrownBy(() -> server.logsIn("crowd", "crowd"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("too many connections");
  }

  @Test
  void nothingGetsInWithoutScram() throws SQLException {
    assertThat(show("password_encryption")).isEqualTo("scram-sha-256");
    Properties withoutPassword = new Properties();
    withoutPassword.put("user", server.superuser());
    assertThatThrownBy(
            () ->
                new Driver()
                    .connect(
                        "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres",
                        withoutPassword)
                    .close())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("SCRAM");
  }

  @Test
  void theCallersSettingsWin() throws SQLException {
    assertThat(show("max_connections")).isEqualTo("23");
  }

  @Test
  void allFilesAreInItsFolderAndNoneHoldsThePassword() throws SQLException {
    // Elsewhere, nobody would find and end the server of a run that was killed.
    assertThat(Path.of(show("data_directory")).toAbsolutePath()).isEqualTo(folder.resolve("data"));
    assertThat(folder.resolve("data/postmaster.pid")).exists();
    assertThat(folder.resolve("password")).doesNotExist();
  }

  @Test
  void serversShareProgramsThatNobodyElseCanReplace(@TempDir Path other) throws Exception {
    Path programs = Binaries.folder();
    try (Stream<Path> before = Files.list(programs)) {
      int versions = (int) before.count();
      try (EmbeddedServer second = EmbeddedServer.start(other, Map.of());
          Stream<Path> after = Files.list(programs)) {
        assertThat(second.port()).isNotEqualTo(server.port());
        assertThat(after).hasSize(versions);
      }
    }
    assertThat(Files.getPosixFilePermissions(programs.getParent()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    assertThat(show("max_connections")).isEqualTo("23");
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String show(String setting) throws SQLException {
    try (Connection connection = server.login(server.superuser(), server.superuserPassword());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW " + setting)) {
      row.next();
      return row.getString(1);
    }
  }
}
