package io.keyturn.testing;

import io.keyturn.local.lambda.InProcessContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The context of an invocation, for handlers that a test calls itself. It keeps what they log. */
public final class TestContext extends InProcessContext {
  private final List<String> log;

  public TestContext() {
    this(Duration.ofSeconds(60));
  }

  public TestContext(Duration remaining) {
    this(remaining, new CopyOnWriteArrayList<>());
  }

  private TestContext(Duration remaining, List<String> log) {
    super(
        "test-function",
        "arn:aws:lambda:us-east-1:000000000000:function:test-function",
        remaining,
        log::add);
    this.log = log;
  }

  /** What was logged, a line each. */
  public List<String> log() {
    return log;
  }
}
