package io.keyturn.bench.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.bench.measure.Plan;
import io.keyturn.bench.measure.SharedStack;
import io.keyturn.bench.results.Results;
import io.keyturn.bench.results.Sample;
import io.keyturn.bench.rotation.RotationMetrics;
import io.keyturn.local.lambda.FunctionJvm;
import io.keyturn.local.lambda.LogSink;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packaged query function, measured as a user would. */
@Tag("slow")
class QueryBenchmarkIT {
  @Test
  void comparesTheFirstRowWithTheRotatorsFirstAnswer() {
    Plan plan = new Plan(List.of(0), 1, 1, FunctionJvm.running(), 1024, false, LogSink.discard());

    Results results = new QueryBenchmark(plan, "SELECT 1", progress -> {}).run(SharedStack.get());

    assertThat(results.samples())
        .extracting(Sample::subject)
        .containsExactly(QueryBenchmark.CONSUMER, QueryBenchmark.ROTATOR);
    assertThat(results.samples().get(0).values())
        .containsKeys(RotationMetrics.FIRST_ANSWER, QueryMetrics.WARM);
    assertThat(results.ratio(QueryBenchmark.ROTATOR, 0, RotationMetrics.FIRST_ANSWER)).isPresent();
  }
}
