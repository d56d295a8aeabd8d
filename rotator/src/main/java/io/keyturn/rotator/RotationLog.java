package io.keyturn.rotator;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;

/** The function's log: each line says which step, version and secret it is about. */
final class RotationLog {
  private final LambdaLogger logger;
  private final String prefix;

  RotationLog(LambdaLogger logger, RotationEvent event) {
    this.logger = logger;
    this.prefix =
        event.step() + " of version " + event.token() + " of secret " + event.secretId() + ": ";
  }

  void debug(String message) {
    logger.log(prefix + message, LogLevel.DEBUG);
  }

  void info(String message) {
    logger.log(prefix + message, LogLevel.INFO);
  }

  void warn(String message) {
    logger.log(prefix + message, LogLevel.WARN);
  }
}
