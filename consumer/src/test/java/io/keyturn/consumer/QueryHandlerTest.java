package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.consumer.QueryException.BadRequestException;
import io.keyturn.consumer.QueryException.DatabaseErrorException;
import io.keyturn.consumer.QueryException.StatementTimeoutException;
import io.keyturn.consumer.QueryException.UnsupportedResultException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and answers, against a real database. */
class QueryHandlerTest {
  private static QueriedDatabase database;

  @BeforeAll
  static void createDatabase() throws Exception {
    database = new QueriedDatabase(Map.of("MAX_ROWS", "100", "STATEMENT_TIMEOUT_SECONDS", "1"));
  }

  @AfterAll
  static void dropDatabase() throws Exception {
    database.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1::int2 | {\"longValue\":1}",
        "2::int4 | {\"longValue\":2}",
        "9223372036854775807 | {\"longValue\":9223372036854775807}",
        "1.5::float4 | {\"doubleValue\":1.5}",
        "1.5::float8 | {\"doubleValue\":1.5}",
        "'NaN'::float8 | {\"doubleValue\":\"NaN\"}",
        "'-inf'::float4 | {\"doubleValue\":\"-Infinity\"}",
        "12345678901234567890.10 | {\"stringValue\":\"12345678901234567890.10\"}",
        "true | {\"booleanValue\":true}",
        "B'101' | {\"stringValue\":\"101\"}",
        "'caf\u00e9'::text | {\"stringValue\":\"caf\u00e9\"}",
        "NULL::int | {\"isNull\":true}",
        "'\\x00ff'::bytea | {\"blobValue\":\"AP8=\"}",
        "'2026-11-22'::date | {\"stringValue\":\"2026-11-22\"}",
        "'{\"a\": 1}'::jsonb | {\"stringValue\":\"{\\\"a\\\": 1}\"}",
        "'{1,2}'::int[] | {\"arrayValue\":{\"longValues\":[1,2]}}",
        "'{123,NULL,456}'::int[] | {\"arrayValue\":{\"longValues\":[123,null,456]}}"
      })
  void everyKindOfValueHasItsField(String sql, String field) throws Exception {
    assertThat(database.value("SELECT " + sql)).isEqualTo(QueriedDatabase.JSON.readTree(field));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"longValue\":7} | int8 | {\"longValue\":7}",
        "{\"doubleValue\":0.5} | float8 | {\"doubleValue\":0.5}",
        "{\"stringValue\":\"x'; DROP TABLE t\"} | text | {\"stringValue\":\"x'; DROP TABLE t\"}",
        "{\"booleanValue\":false} | bool | {\"booleanValue\":false}",
        "{\"isNull\":true} | int | {\"isNull\":true}",
        "{\"blobValue\":\"AP8=\"} | bytea | {\"blobValue\":\"AP8=\"}",
        "{\"stringValue\":\"2026-11-22\"} | date | {\"stringValue\":\"2026-11-22\"}"
      })
  void everyKindOfParameterIsBound(String value, String type, String field) throws Exception {
    assertThat(
            database
                .query(
                    "SELECT CAST(:p AS " + type + ")", "{\"name\":\"p\",\"value\":" + value + "}")
                .at("/records/0/0"))
        .isEqualTo(QueriedDatabase.JSON.readTree(field));
  }

  @Test
  void answersInTheShapeOfTheDataApi() throws Exception {
    JsonNode answer =
        database.invoke(
            "{\"sql\":\"SELECT 1 AS n, 'x' AS t UNION ALL SELECT 2, NULL\",\"includeResultMetadata\":true}");

    assertThat(answer.get("numberOfRecordsUpdated").asInt()).isZero();
    assertThat(answer.get("records").toString())
        .isEqualTo(
            "[[{\"longValue\":1},{\"stringValue\":\"x\"}],[{\"longValue\":2},{\"isNull\":true}]]");
    assertThat(answer.at("/columnMetadata/0/label").textValue()).isEqualTo("n");
    assertThat(answer.at("/columnMetadata/0/typeName").textValue()).isEqualTo("int4");
    assertThat(answer.at("/columnMetadata/1/label").textValue()).isEqualTo("t");
    assertThat(database.query("SELECT 1").has("columnMetadata")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~ | not a JSON object",
        "7 | not a JSON object",
        "{\"sql\": | not valid JSON",
        "{} | \"sql\" is missing",
        "{\"sql\":\" \"} | \"sql\" is missing",
        "{\"sql\":1} | \"sql\" is missing",
        "{\"Step\":\"createSecret\",\"SecretId\":\"s\"} | \"sql\" is missing",
        "{\"sql\":\"SELECT 1\",\"parameters\":{}} | must be a list",
        "{\"sql\":\"SELECT 1\",\"parameters\":[1]} | must be like",
        "{\"sql\":\"SELECT 1\",\"includeResultMetadata\":\"yes\"} | true or false",
        "{\"sql\":\"SELECT :a\"} | :a, but \"parameters\" has no value",
        "{\"sql\":\"SELECT 1\",\"parameters\":[{\"name\":\"b\",\"value\":{\"longValue\":1}}]} | not use these parameters: [b]",
        "{\"sql\":\"SELECT :a\",\"parameters\":[{\"name\":\"a\",\"value\":{}}]} | exactly one key",
        "{\"sql\":\"SELECT :a\",\"parameters\":[{\"name\":\"a\",\"value\":{\"longValue\":\"1\"}}]} | whole number",
        "{\"sql\":\"SELECT :a\",\"parameters\":[{\"name\":\"a\",\"value\":{\"longValue\":99999999999999999999}}]} | 64 bits",
        "{\"sql\":\"SELECT :a\",\"parameters\":[{\"name\":\"a\",\"value\":{\"dateValue\":\"x\"}}]} | unknown kind \"dateValue\"",
        "{\"sql\":\"SELECT :a\",\"parameters\":[{\"name\":\"a\",\"value\":{\"isNull\":false}}]} | must be true",
        "{\"sql\":\"SELECT :a\",\"parameters\":[{\"name\":\"a\",\"value\":{\"blobValue\":\"%\"}}]} | Base64",
        "{\"sql\":\"SELECT (ARRAY[1])[1:last]\"} | write a space after the colon: a[i : j]"
      })
  void refusesABadRequest(String request, String problem) {
    assertThat(catchThrowable(() -> database.invoke(request)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining(problem);
  }

  @Test
  void answersUpToTheRowLimit() throws Exception {
    assertThat(database.query("SELECT generate_series(1,100)").get("records")).hasSize(100);
    // Not a BadRequestException, which clients send again.
    assertThat(catchThrowable(() -> database.query("SELECT generate_series(1,101)")))
        .isInstanceOf(UnsupportedResultException.class)
        .hasMessageContaining("more than 100 rows");
  }

  @Test
  void tellsWhatTheDatabaseSaidWithItsSqlState() {
    assertThat(catchThrowable(() -> database.query("SELECT * FROM no_such_table")))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContaining("no_such_table")
        .hasMessageEndingWith("Position: 15; SQLState: 42P01");
  }

  @Test
  void endsAStatementThatTakesTooLong() throws Exception {
    assertThat(catchThrowable(() -> database.query("SELECT pg_sleep(30)")))
        .isInstanceOf(StatementTimeoutException.class)
        .hasMessageContainingAll("57014", "1 s", "STATEMENT_TIMEOUT_SECONDS");
    assertThat(database.value("SELECT 1").get("longValue").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"BEGIN", "START TRANSACTION; SELECT 1", "BEGIN; SELECT 1/0"})
  void aTransactionThatAStatementLeavesOpenIsNotTheNextOnes(String sql) throws Exception {
    assertThat(catchThrowable(() -> database.query(sql))).isInstanceOf(QueryException.class);

    assertThat(catchThrowable(() -> database.query("SELECT 1/0"))).hasMessageContaining("22012");
    assertThat(database.value("SELECT 1").get("longValue").asInt()).isEqualTo(1);
  }

  @Test
  void isReadOnlyUnlessWritesAreAllowed() throws Exception {
    assertThat(catchThrowable(() -> database.query("CREATE TABLE t (id int)")))
        .isInstanceOf(DatabaseErrorException.class)
        .hasMessageContaining("25006");
    try (QueriedDatabase writable = new QueriedDatabase(Map.of("ALLOW_WRITES", "true"))) {
      writable.database.run("CREATE TABLE t (id int); GRANT ALL ON t TO " + writable.role.quoted());
      assertThat(
              writable.query("INSERT INTO t VALUES (1), (2)").get("numberOfRecordsUpdated").asInt())
          .isEqualTo(2);
      assertThat(writable.query("SELECT id FROM t").get("records")).hasSize(2);
    }
  }
}
