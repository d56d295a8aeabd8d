package io.keyturn.consumer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import io.keyturn.testing.Mutator;
import java.io.ByteArrayInputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Requests and SQL that are broken in any way: an error of a known kind, and the next is answered.
 */
class FuzzTest {
  private static final int REQUESTS = 5000;
  private static final int STATEMENTS = 500;

  private static final Set<String> NUMBERED = Set.of("1");

  private static final List<String> REQUEST_PARTS =
      List.of(
          "\"",
          "\\",
          "\\u0000",
          "\\ud800",
          "\0",
          "\ufeff",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          " ",
          "1e999999999",
          "-0",
          "9".repeat(2000),
          "null",
          "true",
          "[[]]",
          "\"parameters\":7,",
          "\"parameters\":[null],",
          "\"parameters\":[{\"name\":\"a\"}],",
          "\"sql\":[],",
          "\"transactionId\":\"t\",",
          "\"continueAfterTimeout\":true,",
          "\"name\":\"1\",",
          "\"includeResultMetadata\":\"yes\",",
          "\"value\":{},",
          "\"longValue\":1e999999999,",
          "\"doubleValue\":9e999999999,",
          "\"blobValue\":\"=\",",
          "/* */",
          "NaN",
          "'");

  private static final List<String> SQL_PARTS =
      List.of(
          "'",
          "''",
          "\"",
          "\\",
          "$",
          "$$",
          "$a$",
          "$1",
          "?",
          "??",
          "?|",
          ":",
          "::",
          ":=",
          ":a",
          ":\u00e9",
          ":1",
          ":1a",
          "[1:1]",
          "--",
          "/*",
          "*/",
          "\n",
          "\r",
          " ",
          ";",
          "E'",
          "e'\\'",
          "U&'",
          "U&\"",
          "(",
          ")",
          "[",
          "]",
          "{",
          "{fn now()}",
          "{d '1'}",
          "SELECT ",
          "1",
          "a",
          ",",
          "\0",
          "\ud83d\udd11",
          "\ud800",
          "\ufeff",
          "BEGIN",
          "COMMIT;",
          "COPY a TO STDOUT",
          "COPY a FROM STDIN",
          "SHOW a",
          "RETURNING",
          "VALUES(1)",
          "DO $$BEGIN END$$");

  @Test
  void aBrokenRequestIsABadRequest() throws Exception {
    String valid =
        "{\"sql\":\"SELECT :a\",\"includeResultMetadata\":true,"
            + "\"parameters\":[{\"name\":\"a\",\"value\":{\"longValue\":1}}]}";
    Random random = new Random(1);
    for (int i = 0; i < REQUESTS; i++) {
      byte[] request = request(valid, i, random);

      Throwable failure = catchThrowable(() -> read(request));

      if (failure != null) {
        assertThat(failure)
            .as("request %d: %s", i, new String(request, 0, Math.min(300, request.length), UTF_8))
            .isInstanceOf(QueryException.BadRequestException.class);
      }
    }
  }

  private static void read(byte[] request) {
    JsonNode json = QueryRequest.parse(new ByteArrayInputStream(request));
    TransactionRequest.answer(json, false);
    QueryRequest.read(json);
  }

  private static byte[] request(String valid, int i, Random random) {
    return switch (i % 500) {
      case 0 -> valid.replace("{\"sql", "{\"x\":" + "[".repeat(100_000) + ",\"sql").getBytes(UTF_8);
      case 1 -> valid.replace("SELECT", "x".repeat(1_000_000)).getBytes(UTF_8);
      case 2 -> valid.replace("{\"long", "{\"x\":".repeat(100_000) + "{\"long").getBytes(UTF_8);
      case 3 -> valid.getBytes(java.nio.charset.StandardCharsets.UTF_16);
      default ->
          Mutator.mutate(Mutator.mutate(valid, REQUEST_PARTS, random).getBytes(UTF_8), random);
    };
  }

  @Test
  void anySqlIsReadToItsEnd() {
    Random random = new Random(2);
    int read = 0;
    for (int i = 0; i < 100_000; i++) {
      // Two marks side by side would look like one that was doubled.
      String text = sql(random).replaceAll("\\?(?=\\?)", "? ");
      SqlStatement sql;
      try {
        sql = SqlStatement.parse(text, true, NUMBERED);
      } catch (QueryException.BadRequestException e) {
        continue;
      }
      read++;

      // Undoing what was done to each part brings the text back, but for what comes after its end.
      String original = original(sql, text);
      assertThat(text).startsWith(original);
      assertThat(text.substring(original.length())).as(text).matches("(;(?s:.*))?");
    }
    assertThat(read).isGreaterThan(50_000);
  }

  /** The SQL as it was, by the marks and names alone. */
  private static String original(SqlStatement sql, String text) {
    StringBuilder original = new StringBuilder();
    Iterator<String> names = sql.names().iterator();
    String jdbc = sql.jdbc();
    for (int at = 0; at < jdbc.length(); at++) {
      boolean mark = jdbc.startsWith("?", at) && text.startsWith(":", original.length());
      if (jdbc.charAt(at) == ' '
          && !text.startsWith(" ", Math.min(original.length(), text.length()))) {
        // It keeps a mark apart from what stands beside it.
        continue;
      }
      if (mark) {
        original.append(':').append(names.next());
      } else {
        boolean doubled = jdbc.startsWith("??", at);
        original.append(jdbc.charAt(at));
        at += doubled ? 1 : 0;
      }
    }
    assertThat(names.hasNext()).as("a name without its mark").isFalse();
    return original.toString();
  }

  @Test
  void aStatementEitherWorksOrFailsAsAQueryDoes() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      Random random = new Random(3);
      for (int i = 0; i < STATEMENTS; i++) {
        String sql = sql(random);

        Throwable failure = catchThrowable(() -> database.query(sql, parameters(random)));

        if (failure != null) {
          assertThat(failure).as(sql).isInstanceOf(QueryException.class);
        }
        assertThat(database.value("SELECT 1").get("longValue").longValue()).as(sql).isEqualTo(1);
      }
    }
  }

  private static String parameters(Random random) {
    return random.nextBoolean() ? "" : "{\"name\":\"1\",\"value\":{\"longValue\":1}}";
  }

  private static String sql(Random random) {
    StringBuilder sql = new StringBuilder(random.nextBoolean() ? "SELECT " : "");
    for (int i = 1 + random.nextInt(12); i > 0; i--) {
      sql.append(SQL_PARTS.get(random.nextInt(SQL_PARTS.size())));
    }
    return sql.toString();
  }
}
