package io.keyturn.bench.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.bench.measure.BenchException;
import io.keyturn.bench.measure.Plan;
import io.keyturn.bench.measure.SharedStack;
import io.keyturn.bench.results.Results;
import io.keyturn.bench.results.Sample;
import io.keyturn.local.lambda.FunctionJvm;
import io.keyturn.local.lambda.LogSink;
import io.keyturn.local.stack.Strategy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The packaged rotator, measured as a user would, and what it may cost in calls and logins. */
class RotationBenchmarkIT {
  /** Our own jar as somebody else's command: the runtime interface client is on this class path. */
  private static final String OWN_JAR_AS_COMMAND =
      "exec '%s' -cp '%s:%s' com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
              .formatted(
                  Path.of(System.getProperty("java.home"), "bin", "java"),
                  Path.of("../rotator/target/rotator.jar").toAbsolutePath(),
                  System.getProperty("java.class.path"))
          + " io.keyturn.rotator.RotationHandler";

  @Test
  void aSingleUsersRotationTakesTenCallsAndThreeLoginsAtMost() {
    Results results = run(Strategy.SINGLE, false, Peer.parse("own=" + OWN_JAR_AS_COMMAND, 1));

    assertThat(results.samples())
        .extracting(Sample::subject)
        .containsExactly(RotationBenchmark.OURS, "own");
    for (Sample sample : results.samples()) {
      assertThat(sample.values().get(RotationMetrics.CALLS)).isBetween(1.0, 10.0);
      assertThat(sample.values().get(RotationMetrics.WARM_CALLS)).isBetween(1.0, 10.0);
      assertThat(sample.values().get(RotationMetrics.LOGINS)).isBetween(1.0, 3.0);
      assertThat(sample.values().get(RotationMetrics.WARM_LOGINS)).isBetween(1.0, 3.0);
      assertThat(sample.values().get(RotationMetrics.REFUSED)).isZero();
      // Connections to Secrets Manager are kept, so that TLS costs little.
      assertThat(sample.values().get(RotationMetrics.CONNECTIONS)).isBetween(1.0, 2.0);
      assertThat(sample.values().get(RotationMetrics.WARM_CONNECTIONS)).isBetween(0.0, 2.0);
      assertThat(sample.values().get(RotationMetrics.COLD))
          .isGreaterThan(sample.values().get(RotationMetrics.FIRST_ANSWER));
    }
    assertThat(results.ratio("own", 0, RotationMetrics.COLD)).isPresent();
  }

  @Test
  void anAlternatingRotationTakesTwelveCallsAndFourLogins() {
    Sample sample = run(Strategy.ALTERNATING, false).samples().get(0);

    assertThat(sample.values())
        .containsEntry(RotationMetrics.CALLS, 12.0)
        .containsEntry(RotationMetrics.WARM_CALLS, 12.0)
        .containsEntry(RotationMetrics.LOGINS, 4.0)
        .containsEntry(RotationMetrics.WARM_LOGINS, 4.0)
        .containsEntry(RotationMetrics.REFUSED, 0.0);
  }

  @Test
  void theErrorForAFailedPeerHasItsLog() {
    assertThatThrownBy(
            () -> run(Strategy.SINGLE, true, Peer.parse("broken=echo out of order; exit 3", 1)))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("broken at a latency of 0 ms")
        .hasMessageContaining("createSecret: Runtime.ExitError")
        .hasMessageContaining("exit status 3")
        .hasMessageEndingWith("out of order");
  }

  private static Results run(Strategy strategy, boolean firstUnmeasured, Peer... peers) {
    Plan plan =
        new Plan(List.of(0), 1, 1, FunctionJvm.running(), 1024, firstUnmeasured, LogSink.discard());
    return new RotationBenchmark(plan, strategy, progress -> {})
        .run(SharedStack.get(), List.of(peers));
  }
}
