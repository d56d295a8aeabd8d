package io.keyturn.local;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** How a {@link LocalStack} is to run. */
final class LocalStackBuilder {
  final StackOptions options;
  final Map<String, String> queryEnvironment = new HashMap<>();
  Strategy strategy = Strategy.SINGLE;
  Optional<Duration> schedulePeriod = Optional.empty();
  int port;

  LocalStackBuilder(StackOptions options) {
    this.options = options;
  }

  LocalStackBuilder strategy(Strategy value) {
    strategy = value;
    return this;
  }

  /** Makes the local clock so fast that the template's schedule comes round in this time. */
  LocalStackBuilder schedulePeriod(Duration real) {
    schedulePeriod = Optional.of(real);
    return this;
  }

  LocalStackBuilder newConnectionForEachQuery() {
    queryEnvironment.put("CONNECTION_MAX_AGE_SECONDS", "0");
    return this;
  }

  /** The port of the AWS endpoint; 0, for any free one, if it is not called. */
  LocalStackBuilder port(int value) {
    port = value;
    return this;
  }

  LocalStack start() {
    return LocalStack.start(this);
  }
}
