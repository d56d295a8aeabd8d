package io.keyturn.local.secretsmanager;

/**
 * Limits of the local Secrets Manager.
 *
 * @param quotas of requests
 * @param rotationsAtOnce how many rotations run side by side; others that are due wait for their
 *     turn. The service rotates a secret at any time in its window, and does not say how many it
 *     rotates at once.
 */
public record ServiceLimits(Quotas quotas, int rotationsAtOnce) {
  public static final int UNLIMITED = Integer.MAX_VALUE;

  public ServiceLimits {
    if (rotationsAtOnce < 1) {
      throw new IllegalArgumentException(
          "At least one rotation runs at a time, not " + rotationsAtOnce);
    }
  }

  public static ServiceLimits none() {
    return new ServiceLimits(Quotas.none(), UNLIMITED);
  }
}
