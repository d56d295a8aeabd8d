package io.keyturn.datasource;

import java.time.Duration;

/**
 * Every version of the secret was refused a moment ago, and it is not tried again yet: else each
 * request would cost Secrets Manager and the database their calls, and might lock the account.
 */
public final class RefusedLatelyException extends RuntimeException {
  RefusedLatelyException(String secretId, Duration left, Throwable lastRefusal) {
    super(
        "Secret "
            + secretId
            + " was refused a moment ago, and is tried again in "
            + left.toMillis()
            + " ms: "
            + lastRefusal.getMessage(),
        lastRefusal);
  }
}
