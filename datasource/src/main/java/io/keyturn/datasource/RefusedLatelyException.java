package io.keyturn.datasource;

import java.time.Duration;

/**
 * Every version of the secret was refused a moment ago, and it is not tried again yet. Otherwise
 * each request would cost calls and logins, and might lock the account.
 */
public final class RefusedLatelyException extends RuntimeException {
  RefusedLatelyException(String secretId, Duration left, Throwable lastRefusal) {
    super(
        "Secret %s was refused a moment ago, and is tried again in %d ms: %s"
            .formatted(secretId, left.toMillis(), lastRefusal.getMessage()),
        lastRefusal);
  }
}
