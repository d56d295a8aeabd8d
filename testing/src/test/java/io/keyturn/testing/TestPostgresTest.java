package io.keyturn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class TestPostgresTest {
  private final TestPostgres postgres = TestPostgres.shared();

  @Test
  void theSuperuserNeedsTheRightPasswordToo() throws SQLException {
    assertThat(postgres.canLogIn(postgres.superuserName(), postgres.superuserPassword())).isTrue();
    assertThat(postgres.canLogIn(postgres.superuserName(), "wrong")).isFalse();
  }

  @Test
  void aFailureThatIsNoRefusalOfTheCredentialsIsThrown() {
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
        .hasMessageContaining("password=...");
  }

  @Test
  void aServerGivenByUrlIsUsed() throws Exception {
    TestPostgres given = new TestPostgres(TestPostgres.start(url()));

    assertThat(given.port()).isEqualTo(postgres.port());
    assertThat(given.serverVersion()).isEqualTo(postgres.serverVersion());
  }

  @Test
  @DisabledIfSystemProperty(
      named = TestPostgres.CHOICE,
      matches = "jdbc:.*",
      disabledReason = "The log of a given server may well be readable")
  void aGivenServersLogThatCannotBeReadIsNoEmptyLog() throws Exception {
    // This one does not know of the file that its log goes to.
    TestPostgres given = new TestPostgres(TestPostgres.start(url()));

    assertThatThrownBy(given::log)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("log cannot be read");
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
