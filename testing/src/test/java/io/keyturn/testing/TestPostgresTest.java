package io.keyturn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("server")
class TestPostgresTest {
  private final TestPostgres postgres = TestPostgres.shared();

  @Test
  void theSuperuserNeedsTheRightPasswordToo() throws SQLException {
    assertThat(postgres.canLogIn(postgres.superuserName(), postgres.superuserPassword())).isTrue();
    assertThat(postgres.canLogIn(postgres.superuserName(), "wrong")).isFalse();
  }

  @Test
  void aFailureOtherThanRefusedCredentialsIsThrown() {
    assertThatThrownBy(
            () ->
                postgres.canLogIn(
                    postgres.superuserName(), postgres.superuserPassword(), "no such database"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("no such database");
  }

  @Test
  void theLogHoldsEveryStatementSinceTheMark() throws SQLException {
    String before = TestDatabase.unique("before");
    String after = TestDatabase.unique("after");
    try (Connection connection = postgres.superuser();
        var statement = connection.createStatement()) {
      statement.execute("SELECT '" + before + "'");
      String mark = postgres.mark();
      statement.execute("SELECT '" + after + "'");

      assertThat(postgres.log()).contains(before, after);
      assertThat(postgres.logSince(mark)).contains(after).doesNotContain(before);
    }
  }

  @Test
  void theLogHoldsAFailedStatementAndARefusedLogin() throws SQLException {
    String mark = postgres.mark();
    try (Connection connection = postgres.superuser();
        var statement = connection.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SELECT no_such_column"))
          .isInstanceOf(SQLException.class);
    }
    assertThat(postgres.canLogIn("nobody of that name", "wrong")).isFalse();

    assertThat(postgres.logSince(mark)).contains("SELECT no_such_column", "nobody of that name");
  }

  @Test
  void theServersVersionIsANumber() {
    assertThat(postgres.serverVersion()).startsWith(postgres.majorVersion() + ".");
  }

  @Test
  void anUnknownChoiceIsRefused() {
    assertThatThrownBy(() -> TestPostgres.start("mysql"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keyturn.postgres takes testcontainers, embedded or jdbc:postgresql:")
        .hasMessageEndingWith("it is: mysql");
  }

  @Test
  void aUrlWithoutAPasswordIsRefused() {
    assertThatThrownBy(() -> TestPostgres.start("jdbc:postgresql://localhost/?user=postgres"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("password=…");
  }

  @Test
  void aServerGivenByUrlIsUsed() throws Exception {
    TestPostgres given = TestPostgres.start(url());

    assertThat(given.port()).isEqualTo(postgres.port());
    assertThat(given.serverVersion()).isEqualTo(postgres.serverVersion());
  }

  @Test
  void aGivenServersLogIsReadOrSaidToBeUnreadable() throws Exception {
    TestPostgres given = TestPostgres.start(url());

    if (canBeSearched()) {
      String mark = given.mark();
      String after = given.mark();
      assertThat(given.logSince(mark)).contains(after);
    } else {
      // And not empty, in which nothing would ever be found.
      assertThatThrownBy(given::log)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("The given server's log cannot be");
    }
  }

  /** Not so of a server that a test has started, which does not know where its log goes. */
  private boolean canBeSearched() throws SQLException {
    try (Connection connection = postgres.superuser()) {
      return TestSql.rows(
              connection,
              "SELECT pg_current_logfile('stderr') IS NOT NULL"
                  + " AND current_setting('log_statement') = 'all'")
          .get(0)[0]
          .equals("t");
    }
  }

  @Test
  void anEngineIsOneThatAcceptsConnections(@TempDir Path home) throws Exception {
    String host = "DOCKER_HOST";
    assertThat(DockerEngine.answers(Map.of(host, "unix://" + home + "/none.sock"), "/")).isFalse();
    try (ServerSocket engine = new ServerSocket(0)) {
      String address = "tcp://localhost:" + engine.getLocalPort();
      assertThat(DockerEngine.answers(Map.of(host, address), "/")).isTrue();
      engine.close();
      assertThat(DockerEngine.answers(Map.of(host, address), "/")).isFalse();
    }
  }

  private String url() {
    return "%s?user=%s&password=%s"
        .formatted(
            postgres.jdbcUrl("postgres"), postgres.superuserName(), postgres.superuserPassword());
  }
}
