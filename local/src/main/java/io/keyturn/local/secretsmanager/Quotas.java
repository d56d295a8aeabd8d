package io.keyturn.local.secretsmanager;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * The quotas of requests per second. Requests above them are throttled.
 *
 * <p>The documentation does not say how large a burst the service accepts. Here a burst has the
 * size of one second's quota, which refills evenly.
 */
public final class Quotas {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Map<String, Bucket> buckets = new HashMap<>();
  private final LongSupplier nanos;

  private Quotas(List<Quota> quotas, LongSupplier nanos) {
    this.nanos = nanos;
    for (Quota quota : quotas) {
      Bucket bucket = new Bucket(quota.perSecond(), nanos.getAsLong());
      quota.operations().forEach(operation -> buckets.put(operation, bucket));
    }
  }

  /** Allows this number of requests per second for all these operations together. */
  public record Quota(double perSecond, Set<String> operations) {
    public Quota {
      if (!(perSecond > 0)) {
        throw new IllegalArgumentException("A quota allows more than " + perSecond + " per second");
      }
      operations = Set.copyOf(operations);
    }

    public static Quota of(double perSecond, String... operations) {
      return new Quota(perSecond, Set.of(operations));
    }
  }

  /** Returns no quotas. */
  public static Quotas none() {
    return of(List.of());
  }

  public static Quotas of(List<Quota> quotas) {
    return of(quotas, System::nanoTime);
  }

  static Quotas of(List<Quota> quotas, LongSupplier nanos) {
    return new Quotas(quotas, nanos);
  }

  /**
   * The service's own numbers for an account and a region, which are not adjustable, times a
   * factor.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html">AWS
   *     Secrets Manager quotas</a>
   */
  public static Quotas ofService(double factor) {
    return of(
        List.of(
            // Since March 2025 DescribeSecret has 40,000 of its own; before, the two had 10,000
            // together:
            // https://aws.amazon.com/about-aws/whats-new/2025/03/aws-secrets-manager-increases-api-requests-seconds
            Quota.of(10_000 * factor, "GetSecretValue"),
            Quota.of(40_000 * factor, "DescribeSecret"),
            Quota.of(100 * factor, "BatchGetSecretValue"),
            Quota.of(100 * factor, "ListSecrets"),
            Quota.of(
                50 * factor,
                "PutSecretValue",
                "RemoveRegionsFromReplication",
                "ReplicateSecretToRegion",
                "StopReplicationToReplica",
                "UpdateSecret",
                "UpdateSecretVersionStage"),
            Quota.of(50 * factor, "CancelRotateSecret", "RotateSecret"),
            Quota.of(
                50 * factor,
                "DeleteResourcePolicy",
                "GetResourcePolicy",
                "PutResourcePolicy",
                "ValidateResourcePolicy"),
            Quota.of(50 * factor, "TagResource", "UntagResource"),
            Quota.of(50 * factor, "RestoreSecret"),
            Quota.of(50 * factor, "CreateSecret"),
            Quota.of(50 * factor, "DeleteSecret"),
            Quota.of(50 * factor, "GetRandomPassword"),
            Quota.of(50 * factor, "ListSecretVersionIds")));
  }

  /** Takes a place for one request, or throws the error that the service answers without one. */
  void take(String operation) {
    Bucket bucket = buckets.get(operation);
    if (bucket != null && !bucket.take(nanos.getAsLong())) {
      throw ServiceException.throttled();
    }
  }

  private static final class Bucket {
    private final double perSecond;
    private final double size;
    private double places;
    private long filled;

    Bucket(double perSecond, long now) {
      this.perSecond = perSecond;
      // Less than one per second still lets one through at a time.
      this.size = Math.max(1, perSecond);
      this.places = size;
      this.filled = now;
    }

    synchronized boolean take(long now) {
      places = Math.min(size, places + (now - filled) / NANOS_PER_SECOND * perSecond);
      filled = now;
      if (places < 1) {
        return false;
      }
      places--;
      return true;
    }
  }
}
