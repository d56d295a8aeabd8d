package io.keyturn.local.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LocalLambda;
import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.time.Duration;

/** Invokes the query function without pause, one query after the other, and checks each answer. */
final class QueryLoad {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalLambda lambda;
  private final String function;
  private final QueryTally tally;
  private final Timeline timeline;
  private long number;

  private QueryLoad(LocalLambda lambda, String function, QueryTally tally, Timeline timeline) {
    this.lambda = lambda;
    this.function = function;
    this.tally = tally;
    this.timeline = timeline;
  }

  static Repeated start(LocalLambda lambda, String function, QueryTally tally, Timeline timeline) {
    QueryLoad load = new QueryLoad(lambda, function, tally, timeline);
    return Repeated.start("queries", Duration.ZERO, load::query);
  }

  /**
   * Queries once, which starts the function, so that no rotation is blamed for the time that takes.
   *
   * @throws StackException if the query fails, since no later one could succeed
   */
  static void warmUp(LocalLambda lambda, String function) {
    String problem =
        new QueryLoad(lambda, function, new QueryTally(), new Timeline()).problemWith(0);
    if (problem != null) {
      throw new StackException(
          "The first query failed, before any rotation: %s".formatted(problem));
    }
  }

  private void query() {
    long begin = System.nanoTime();
    String problem = problemWith(++number);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    tally.count(took, problem);
    timeline.query(took, problem);
  }

  /** Returns what is wrong with the answer, or null. */
  private String problemWith(long number) {
    InvocationResult result =
        lambda.invokeSync(
            function,
            "{\"sql\":\"SELECT :number + 1\",\"parameters\":[{\"name\":\"number\",\"value\":{\"longValue\":%d}}]}"
                .formatted(number));
    if (result.error().isPresent()) {
      return result.error().get();
    }
    try {
      JsonNode answer = JSON.readTree(result.payload());
      long got = answer.at("/records/0/0/longValue").asLong();
      return got == number + 1 ? null : "A wrong answer: " + answer;
    } catch (IOException e) {
      return "The answer is not JSON: " + e.getMessage();
    }
  }
}
