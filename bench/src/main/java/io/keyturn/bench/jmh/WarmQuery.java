package io.keyturn.bench.jmh;

import com.amazonaws.services.lambda.runtime.Context;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.keyturn.consumer.QueryHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** A query through the warm query function, and the same through pgjdbc alone. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 2,
    jvmArgsAppend = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"})
public class WarmQuery {
  /** Of the answer, in four columns; the last count is for a server that has work to do. */
  @Param({"1", "100", "1000"})
  public int rows;

  private final Context context = new InvocationContext();
  private String sql;
  private byte[] request;
  private QueryHandler handler;
  private Connection connection;

  @Setup
  public void start() throws SQLException {
    sql =
        "SELECT n, md5(n::text) AS digest, n / 7.0 AS share, now() AS at FROM generate_series(1, "
            + rows
            + ") AS n";
    request =
        JsonNodeFactory.instance
            .objectNode()
            .put("sql", sql)
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    handler = new QueryHandler();
    connection = BenchSecret.login(BenchSecret.read());
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
  }

  @TearDown
  public void end() throws SQLException {
    connection.close();
  }

  @Benchmark
  public int handler() throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    handler.handleRequest(new ByteArrayInputStream(request), answer, context);
    return answer.size();
  }

  /** BEGIN READ ONLY goes with the query, as pgjdbc does it: two messages. */
  @Benchmark
  public void pgjdbc(Blackhole sink) throws SQLException {
    query(sink);
    connection.commit();
  }

  /** With the time limits that the handler sets for each transaction: three messages. */
  @Benchmark
  public void pgjdbcWithLimits(Blackhole sink) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "SET LOCAL statement_timeout = 10000; SET LOCAL idle_in_transaction_session_timeout = 15000");
    }
    query(sink);
    connection.commit();
  }

  private void query(Blackhole sink) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        sink.consume(result.getLong(1));
        sink.consume(result.getString(2));
        sink.consume(result.getString(3));
        sink.consume(result.getString(4));
      }
    }
  }
}
