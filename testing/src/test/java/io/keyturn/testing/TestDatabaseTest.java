package io.keyturn.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("server")
class TestDatabaseTest {
  @Test
  void namesMayHaveAnyCharacters() throws SQLException {
    try (TestDatabase database = TestDatabase.create("größe \"%+/'")) {
      TestRole role = database.createRole("o'brien \"éà\" /?&");

      try (Connection connection = database.login(role);
          var statement = connection.createStatement();
          var row = statement.executeQuery("SELECT current_user, current_database()")) {
        row.next();
        assertThat(row.getString(1)).isEqualTo(role.name());
        assertThat(row.getString(2)).isEqualTo(database.name());
      }
      assertThat(database.canLogIn(role)).isTrue();
      assertThat(database.canLogIn(role.name(), "wrong")).isFalse();
    }
  }

  @Test
  void longNamesKeepTheirEnding() {
    assertThat(TestDatabase.unique("é".repeat(60)).getBytes(StandardCharsets.UTF_8)).hasSize(63);
    assertThat(TestDatabase.unique("a")).isNotEqualTo(TestDatabase.unique("a"));
  }

  @Test
  void aRoleThatMayNotLogInIsRefused() throws SQLException {
    try (TestDatabase database = TestDatabase.create()) {
      assertThat(database.canLogIn(database.createRole("group", "NOLOGIN"))).isFalse();
    }
  }

  @Test
  void closingDropsConnectedRolesAndWhatTheyOwnAndGranted() throws SQLException {
    TestPostgres postgres = TestPostgres.shared();
    TestRole admin;
    String made = TestDatabase.unique("made");
    Connection left;
    try (TestDatabase database = TestDatabase.create()) {
      admin = database.createRole("admin", "LOGIN CREATEROLE");
      TestRole member = database.createRole("member");
      database.dropLater(made);
      database.dropLater(TestDatabase.unique("never created"));
      database.run("CREATE TABLE owned (id int); ALTER TABLE owned OWNER TO " + admin.quoted());
      left = database.login(admin);
      try (var statement = left.createStatement()) {
        statement.execute("CREATE ROLE " + TestPostgres.quote(made) + " PASSWORD NULL");
        statement.execute("GRANT " + TestPostgres.quote(made) + " TO " + member.quoted());
      }
    }

    try (left;
        var statement = left.createStatement()) {
      assertThatThrownBy(() -> statement.execute("SELECT 1")).isInstanceOf(SQLException.class);
    }
    assertThat(postgres.canLogIn(admin.name(), admin.password())).isFalse();
    try (Connection connection = postgres.superuser();
        var query = connection.prepareStatement("SELECT FROM pg_roles WHERE rolname = ?")) {
      query.setString(1, made);
      assertThat(query.executeQuery().next()).isFalse();
    }
  }

  @Test
  void noPasswordOrStatementOfTheHelperIsInTheLog() throws SQLException {
    TestPostgres postgres = TestPostgres.shared();
    String mark = postgres.mark();
    try (TestDatabase database = TestDatabase.create()) {
      TestRole role = database.createRole("quiet");
      database.run("CREATE TABLE prepared (id int)");
      assertThatThrownBy(() -> database.createRole(role, "LOGIN")).isInstanceOf(SQLException.class);

      assertThat(postgres.logSince(mark))
          .contains("already exists")
          .doesNotContain(role.password(), "prepared", "CREATE DATABASE");
    }
  }
}
