package io.keyturn.local.lambda;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One execution environment of a function: a process with its Runtime API, for one event at a time.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html">the
 *     life of an execution environment</a>
 */
public final class ExecutionEnvironment implements AutoCloseable {
  /**
   * How long a function may take to start, in addition to its timeout. Lambda gives up its first
   * attempt after this time, and starts a second one within the timeout.
   */
  private static final Duration INIT_TIMEOUT = Duration.ofSeconds(10);

  private final long launched = System.nanoTime();
  private final FunctionDefinition function;
  private final RuntimeState state = new RuntimeState();
  private final RuntimeApi api = new RuntimeApi(state);
  private final FunctionProcess process;

  /** How long the process took until it asked for its first event; zero after the first one. */
  private Duration init = Duration.ZERO;

  private boolean cold = true;
  private volatile boolean usable = true;

  /** Starts the process with this Runtime API and this receiver of its log. */
  interface Start {
    FunctionProcess process(String runtimeApi, Consumer<String> lines);
  }

  ExecutionEnvironment(FunctionDefinition function, int number, Start start, LogSink logs) {
    this.function = function;
    try {
      process = start.process(api.hostAndPort(), line -> logs.line(function.name(), number, line));
    } catch (RuntimeException e) {
      api.close();
      throw e;
    }
    process.whenEnded(state::end);
  }

  /** Whether the next event can go to this environment. */
  boolean isUsable() {
    return usable && process.isAlive();
  }

  /** Takes no further event. */
  void retire() {
    usable = false;
  }

  public ProcessHandle process() {
    return process.handle();
  }

  /** The {@link System#nanoTime()} just before the process was started. */
  public long startedAt() {
    return process.startedAt();
  }

  /** Called by one thread at a time. */
  public InvocationResult invoke(String requestId, byte[] payload) throws InterruptedException {
    Invocation invocation = new Invocation(requestId, function, payload);
    boolean wasCold = cold;
    if (!wasCold) {
      process.log().clearTail();
    }
    cold = false;
    init = Duration.ZERO;
    long start = System.nanoTime();
    if (!state.awaitPolling(INIT_TIMEOUT.plus(function.timeout()))) {
      return result(invocation, giveUp(invocation), start, wasCold);
    }
    start = System.nanoTime();
    if (wasCold) {
      init = Duration.ofNanos(start - launched);
    }
    state.submit(invocation);
    Optional<Answer> answer = state.awaitAnswer(function.timeout());
    long answeredAt = System.nanoTime();
    if (answer.isEmpty()) {
      return result(invocation, giveUp(invocation), start, wasCold);
    }
    // Lambda too lets an invocation last until the runtime asks for the next event: until then the
    // process may still log, or end. The caller gets the answer in either case.
    if (state.awaitPolling(remaining(start))) {
      process.awaitLogged();
    } else {
      usable = false;
      process.kill();
    }
    return result(invocation, answer.get(), start, answeredAt, wasCold);
  }

  @Override
  public void close() {
    usable = false;
    process.kill();
    api.close();
  }

  private Answer giveUp(Invocation invocation) throws InterruptedException {
    usable = false;
    if (state.initError().isPresent()) {
      process.awaitEnd();
      return state.initError().get();
    }
    if (process.isAlive()) {
      process.kill();
      return Answer.timedOut(invocation);
    }
    return Answer.exited(invocation, process.awaitEnd());
  }

  private Duration remaining(long start) {
    return function.timeout().minusNanos(System.nanoTime() - start);
  }

  private InvocationResult result(
      Invocation invocation, Answer answer, long start, boolean wasCold) {
    return result(invocation, answer, start, System.nanoTime(), wasCold);
  }

  private InvocationResult result(
      Invocation invocation, Answer answer, long start, long answeredAt, boolean wasCold) {
    return new InvocationResult(
        invocation.requestId(),
        answer,
        process.log().tail(),
        Duration.ofNanos(System.nanoTime() - start),
        answeredAt,
        init,
        wasCold);
  }
}
