package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.postgres.Deadline;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How much memory a result takes that is far larger than the answer may be. */
@Tag("slow")
class ResultMemoryTest {
  /** A row is 10 kB, and all of them 100 GB. */
  private static final String SQL =
      "SELECT i, repeat('x', 10000) FROM generate_series(1, 10000000) AS i";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1000000 | NONE | add a LIMIT, choose fewer columns",
        "1000000 | JSON | add a LIMIT, choose fewer columns",
        "500 | NONE | more than 500 rows"
      })
  void aResultOfTenMillionRowsTakesLittle(String maxRows, String format, String problem)
      throws Exception {
    assertThat(query(SQL, maxRows, format)).contains(problem);
  }

  @Test
  void rowsThatGrowTakeLittle() throws Exception {
    String sql =
        "SELECT repeat('x', CASE WHEN i <= 100 THEN 1 ELSE 10000 END) FROM generate_series(1, 10000000) AS i";

    assertThat(query(sql, "1000000", "NONE")).contains("add a LIMIT, choose fewer columns");
  }

  @Test
  void rowsThatDoNotFitIntoMemoryAreAnErrorThatSaysSo() throws Exception {
    String sql = "SELECT repeat('x', 20000000) FROM generate_series(1, 5)";

    assertThat(query(sql, "1000", "NONE")).contains("more memory than the function has");
  }

  /** PostgreSQL repeats the value. */
  @Test
  void anErrorIsNoLargeAnswer() throws Exception {
    String said = query("SELECT repeat('x', 3000000)::int", "1000", "NONE");

    assertThat(said.strip()).hasSizeLessThan(12_000).endsWith("; SQLState: 22P02");
  }

  @Test
  void rowsThatNobodyAskedForTakeLittle() throws Exception {
    String sql = "SELECT repeat('x', 10000) FROM generate_series(1, 20000)";

    assertThat(query(sql, "1000", "BATCH")).contains("updateResults");
  }

  /** What a JVM with 48 MB says to this request. */
  private static String query(String sql, String maxRows, String format) throws Exception {
    try (TestDatabase database = TestDatabase.create()) {
      TestRole role = database.createRole("app");
      ProcessBuilder jvm =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-Xmx48m",
              "-classpath",
              System.getProperty("java.class.path"),
              Query.class.getName());
      jvm.environment()
          .putAll(
              Map.of(
                  "URL",
                  database.jdbcUrl(),
                  "LOGIN",
                  role.name(),
                  "PASSWORD",
                  role.password(),
                  "SQL",
                  sql,
                  "FORMAT",
                  format,
                  "SECRET_ID",
                  "none",
                  "MAX_ROWS",
                  maxRows,
                  "MAX_ANSWER_BYTES",
                  "6291556"));
      Process process = jvm.redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return said;
    }
  }

  /** The JVM with little memory. */
  static final class Query {
    public static void main(String[] arguments) throws Exception {
      Map<String, String> environment = System.getenv();
      String format = environment.get("FORMAT");
      String request =
          QueriedDatabase.JSON
              .createObjectNode()
              .put("sql", environment.get("SQL"))
              .put("formatRecordsAs", format.equals("BATCH") ? "NONE" : format)
              .toString();
      if (format.equals("BATCH")) {
        request = request.replaceFirst("\\{", "{\"parameterSets\":[[]],");
      }
      try (Connection connection =
          DriverManager.getConnection(
              environment.get("URL"), environment.get("LOGIN"), environment.get("PASSWORD"))) {
        connection.setAutoCommit(false);
        ByteArrayOutputStream answer =
            new DataApi(Settings.of(environment))
                .execute(
                    connection,
                    QueryRequest.read(QueriedDatabase.JSON.readTree(request)),
                    TimeLimit.of(Duration.ofMinutes(1), Deadline.in(Duration.ofMinutes(1))));
        System.out.println(answer.toString(StandardCharsets.UTF_8));
      } catch (QueryException e) {
        System.out.println(e.getMessage());
      } catch (SQLException e) {
        System.out.println(SqlFailures.of(e, Settings.of(environment)).getMessage());
      }
    }
  }
}
