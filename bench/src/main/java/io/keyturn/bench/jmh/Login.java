package io.keyturn.bench.jmh;

import io.keyturn.bench.measure.BenchSecret;
import io.keyturn.postgres.DatabaseSecret;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.postgresql.util.PasswordUtil;

/** Measures SCRAM-SHA-256: the verifier of a new password, and a login. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 2,
    jvmArgsAppend = {"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"})
public class Login {
  private static final int ROUNDS = 4096;
  private static final byte[] SALT = new byte[16];

  private DatabaseSecret secret;

  @Setup
  public void read() {
    secret = BenchSecret.read();
  }

  /** The verifier that setSecret sends instead of the password. */
  @Benchmark
  public String verifier() throws SQLException {
    return PasswordUtil.encodeScramSha256(secret.password().toCharArray());
  }

  /** The JDK's 4,096 rounds. A verifier and a login need them once each. */
  @Benchmark
  public byte[] rounds() throws GeneralSecurityException {
    return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
        .generateSecret(new PBEKeySpec(secret.password().toCharArray(), SALT, ROUNDS, 256))
        .getEncoded();
  }

  /** To a server on this machine, without TLS. */
  @Benchmark
  public boolean login() throws SQLException {
    try (Connection connection = BenchSecret.login(secret)) {
      return connection.isReadOnly();
    }
  }
}
