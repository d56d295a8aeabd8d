package io.keyturn.bench.jmh;

import io.keyturn.postgres.DatabaseSecret;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Measures what createSecret does with a secret's text: it reads it and replaces the password. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"})
public class SecretJson {
  private final String text =
      """
      {"engine":"postgres","host":"db.example.com","port":5432,"dbname":"shop","username":"app",
       "password":"0123456789abcdef0123456789abcdef","ssl":true,"team":{"name":"shop","pager":[1,2]}}
      """;

  @Benchmark
  public DatabaseSecret parseAndReplacePassword() {
    return DatabaseSecret.parse(text, "bench").withPassword("fedcba9876543210fedcba9876543210");
  }
}
