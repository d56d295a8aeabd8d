package io.keyturn.local.secretsmanager.rotation;

import java.time.Duration;

/**
 * How many attempts a rotation has, and the real time between the first two, which doubles with
 * each further attempt. Secrets Manager repeats a failed rotation "multiple times"; how many times
 * and how soon is not documented, so these numbers are assumptions.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html">DescribeSecret:
 *     NextRotationDate</a>
 */
public record RotationRetries(int attempts, Duration firstBackOff) {
  public static final RotationRetries DEFAULT = new RotationRetries(5, Duration.ofSeconds(1));

  public RotationRetries {
    if (attempts < 1 || firstBackOff.isNegative()) {
      throw new IllegalArgumentException(
          "A rotation has at least one attempt and a back-off of zero or more: %s, %s"
              .formatted(attempts, firstBackOff));
    }
  }

  /** Returns how long to wait after this number of failed attempts. */
  Duration backOff(int failures) {
    return firstBackOff.multipliedBy(1L << Math.min(failures - 1, 20));
  }
}
