package io.keyturn.local.rehearsal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.StackException;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LocalLambda;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Invokes the query function without pause, one query after the other, and checks each answer. */
final class QueryLoad implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final LocalLambda lambda;
  private final String function;
  private final QueryTally tally;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Thread thread = new Thread(this::run, "queries");

  private QueryLoad(LocalLambda lambda, String function, QueryTally tally) {
    this.lambda = lambda;
    this.function = function;
    this.tally = tally;
  }

  static QueryLoad start(LocalLambda lambda, String function, QueryTally tally) {
    QueryLoad load = new QueryLoad(lambda, function, tally);
    load.thread.setDaemon(true);
    load.thread.start();
    return load;
  }

  /**
   * Queries once, which starts the function and is as slow as that: no rotation is to be blamed for
   * it.
   *
   * @throws StackException if that fails, since nothing that follows could succeed
   */
  static void warmUp(LocalLambda lambda, String function) {
    String problem = new QueryLoad(lambda, function, new QueryTally()).query(0);
    if (problem != null) {
      throw new StackException("The first query failed, before any rotation: " + problem);
    }
  }

  private void run() {
    for (long number = 1; !stopped.get(); number++) {
      long begin = System.nanoTime();
      String problem = query(number);
      tally.count(Duration.ofNanos(System.nanoTime() - begin), problem);
    }
  }

  /** What was wrong with the answer, or null. */
  private String query(long number) {
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
      return "The answer is not JSON:  " + e.getMessage();
    }
  }

  /** Waits for the query under way, so that a query cut short is never counted as failed. */
  @Override
  public void close() {
    stopped.set(true);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
