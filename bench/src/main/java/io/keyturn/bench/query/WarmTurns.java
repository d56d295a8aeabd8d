package io.keyturn.bench.query;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.keyturn.bench.measure.BenchSecret;
import io.keyturn.bench.results.Median;
import io.keyturn.consumer.QueryHandler;
import io.keyturn.local.lambda.InProcessContext;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The main class of the process of {@code bench warm}, which prints a table.
 *
 * <p>The two alternate, because the speed of a machine changes more from one minute to the next
 * than the two differ.
 */
public final class WarmTurns {
  private static final int CALLS = 50;

  private final Context context =
      new InProcessContext("bench", "", Duration.ofHours(1), System.err::println);
  private final QueryHandler handler = new QueryHandler();
  private final Connection connection;
  private final String sql;
  private final byte[] request;

  /** The sum of what is read, so that the compiler cannot remove the reading. */
  private long read;

  @FunctionalInterface
  private interface Call {
    void run() throws SQLException, IOException;
  }

  private WarmTurns(Connection connection, int rows) {
    this.connection = connection;
    sql =
        "SELECT n, md5(n::text) AS digest, n / 7.0 AS share, now() AS at FROM generate_series(1, %s) AS n"
            .formatted(rows);
    request =
        JsonNodeFactory.instance
            .objectNode()
            .put("sql", sql)
            .toString()
            .getBytes(StandardCharsets.UTF_8);
  }

  public static void main(String[] arguments) throws SQLException, IOException {
    int turns = Integer.parseInt(arguments[0]);
    System.out.println(
        "| rows | through the handler, µs | through pgjdbc alone | ratio | with the handler's time limits | ratio |");
    System.out.println("|---:|---:|---:|---:|---:|---:|");
    try (Connection connection = BenchSecret.login(BenchSecret.read())) {
      connection.setReadOnly(true);
      connection.setAutoCommit(false);
      for (int i = 1; i < arguments.length; i++) {
        int rows = Integer.parseInt(arguments[i]);
        WarmTurns warm = new WarmTurns(connection, rows);
        System.out.println("| " + rows + warm.measure(turns));
        if (warm.read == 0) {
          throw new IllegalStateException("Nothing was read");
        }
      }
    }
  }

  private String measure(int turns) throws SQLException, IOException {
    List<Double> throughHandler = new ArrayList<>();
    List<Double> alone = new ArrayList<>();
    List<Double> toAlone = new ArrayList<>();
    List<Double> withLimits = new ArrayList<>();
    List<Double> toLimits = new ArrayList<>();
    for (int turn = 0; turn < turns; turn++) {
      double ofHandler = micros(this::callHandler);
      double ofDriver = micros(this::callDriver);
      double ofDriverWithLimits = micros(this::callDriverWithLimits);
      if (turn >= turns / 3) {
        throughHandler.add(ofHandler);
        alone.add(ofDriver);
        toAlone.add(ofHandler / ofDriver);
        withLimits.add(ofDriverWithLimits);
        toLimits.add(ofHandler / ofDriverWithLimits);
      }
    }
    return " | %.0f | %.0f | %.2f | %.0f | %.2f |"
        .formatted(
            Median.of(throughHandler).orElseThrow(),
            Median.of(alone).orElseThrow(),
            Median.of(toAlone).orElseThrow(),
            Median.of(withLimits).orElseThrow(),
            Median.of(toLimits).orElseThrow());
  }

  private static double micros(Call call) throws SQLException, IOException {
    long start = System.nanoTime();
    for (int i = 0; i < CALLS; i++) {
      call.run();
    }
    return (System.nanoTime() - start) / 1e3 / CALLS;
  }

  private void callHandler() throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(request), answer, context);
    read += answer.size();
  }

  /** BEGIN READ ONLY goes with the query, as pgjdbc does it, and COMMIT after it. */
  private void callDriver() throws SQLException {
    query();
    connection.commit();
  }

  /** With the limits of a transaction of the handler, as a first query sets them. */
  private void callDriverWithLimits() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET LOCAL statement_timeout = 10000; SET LOCAL idle_in_transaction_session_timeout = 11000");
    }
    callDriver();
  }

  private void query() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        read += result.getLong(1);
        for (int column = 2; column <= 4; column++) {
          read += result.getString(column).length();
        }
      }
    }
  }
}
