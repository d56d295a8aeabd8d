package io.keyturn.bench.fleet;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.lambda.InvocationResult;
import io.keyturn.local.lambda.LambdaException;
import io.keyturn.local.lambda.LocalLambda;
import io.keyturn.local.secretsmanager.FunctionInvoker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The rotation function as the service calls it, with what each call would be billed. */
final class FleetFunction implements FunctionInvoker {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int TOO_MANY_REQUESTS = 429;

  private final LocalLambda lambda;
  private final List<Call> calls = new ArrayList<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private volatile boolean turningOn;

  FleetFunction(LocalLambda lambda) {
    this.lambda = lambda;
  }

  /**
   * One call.
   *
   * @param init of the environment that was started for it; zero for one that was there
   */
  record Call(String step, Duration took, Duration init) {
    boolean cold() {
      return !init.isZero();
    }

    /** Each is billed to the next millisecond, the start of an environment with its first call. */
    long billedMillis() {
      return took.plus(init).plusNanos(999_999).toMillis();
    }
  }

  /**
   * Whether rotation is just being turned on: the service then tests the function with each secret,
   * which here is taken for granted, since it belongs to no window.
   */
  void turningOn(boolean value) {
    turningOn = value;
  }

  @Override
  public boolean exists(String functionArn) {
    return lambda.exists(functionArn);
  }

  @Override
  public Optional<String> invoke(String functionArn, byte[] event) {
    if (turningOn) {
      return Optional.empty();
    }
    try {
      InvocationResult result = lambda.invokeSync(functionArn, event);
      add(new Call(step(event), result.duration(), result.initDuration()));
      return result.error();
    } catch (LambdaException e) {
      if (e.status() == TOO_MANY_REQUESTS) {
        turnedAway.incrementAndGet();
      }
      return Optional.of(e.type() + ": " + e.getMessage());
    }
  }

  private static String step(byte[] event) {
    try {
      return JSON.readTree(event).path("Step").asText();
    } catch (IOException e) {
      throw new UncheckedIOException("The service's event is no JSON", e);
    }
  }

  private synchronized void add(Call call) {
    calls.add(call);
  }

  /** All calls since the last time this was asked. */
  synchronized List<Call> takeCalls() {
    List<Call> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  /** How many calls found no environment free, since the last time this was asked. */
  int takeTurnedAway() {
    return turnedAway.getAndSet(0);
  }
}
