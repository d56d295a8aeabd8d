package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request names its database, and the secret names none, as AWS allows. */
class RequestDatabaseTest {
  private QueriedDatabase database;
  private String name;

  @BeforeEach
  void createSecretWithoutDatabase() throws Exception {
    database = new QueriedDatabase(Map.of("STATEMENT_TIMEOUT_SECONDS", "1"));
    name = database.database.name();
    ObjectNode secret = database.json(database.role.password());
    secret.remove("dbname");
    database.put(secret.toString());
  }

  @AfterEach
  void close() throws Exception {
    database.close();
  }

  private JsonNode value(String sql, String requested) throws IOException {
    ObjectNode request = QueriedDatabase.JSON.createObjectNode().put("sql", sql);
    return database.invoke(request.put("database", requested).toString()).at("/records/0/0");
  }

  private String current(String requested) throws IOException {
    return value("SELECT current_database()::text", requested).get("stringValue").textValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "postgres"})
  void isPostgresWithoutAName(String before) throws Exception {
    current(before);

    assertThat(database.value("SELECT current_database()::text").get("stringValue").textValue())
        .isEqualTo("postgres");
  }

  @Test
  void isTheOneThatTheRequestNames() throws Exception {
    assertThat(current(name)).isEqualTo(name);
    assertThat(current("postgres")).isEqualTo("postgres");
    assertThat(current(name)).isEqualTo(name);
    assertThat(current("")).isEqualTo("postgres");
  }

  @Test
  void keepsItsConnectionForTheNextRequestThatNamesIt() throws Exception {
    JsonNode backend = value("SELECT pg_backend_pid()", name);

    assertThat(value("SELECT pg_backend_pid()", name)).isEqualTo(backend);
  }

  @Test
  void isTheOnlyOneThatTheFunctionLogsInTo() throws Exception {
    database.database.run(
        """
        CREATE FUNCTION deaf() RETURNS void LANGUAGE plpgsql AS $$ BEGIN LOOP
        BEGIN PERFORM pg_sleep(60); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$
        """);
    String mark = database.database.postgres().mark();

    // Ends only when a second connection terminates its session.
    assertThat(catchThrowable(() -> value("SELECT deaf()", name)))
        .isInstanceOf(StatementTimeoutException.class);

    assertThat(database.database.postgres().logSince(mark))
        .contains("pg_terminate_backend")
        .doesNotContain("user=%s database=postgres".formatted(database.role.name()));
  }

  @Test
  void mustExist() {
    assertThat(catchThrowable(() -> current("no_such_database")))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContainingAll("no_such_database", "SQLState: 3D000");
  }

  @Test
  void mustLetTheUserIn() throws Exception {
    database.database.run("REVOKE CONNECT ON DATABASE \"%s\" FROM PUBLIC".formatted(name));

    assertThat(catchThrowable(() -> current(name)))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContainingAll(name, "SQLState: 42501");
  }

  @Test
  void mustBeANameThatPostgresqlCanHave() {
    for (String impossible : new String[] {"a".repeat(64), "a\0b"}) {
      assertThat(catchThrowable(() -> current(impossible)))
          .isInstanceOf(BadRequestException.class)
          .hasMessageContaining("\"database\"");
    }
  }
}
