package io.keyturn.bench.fleet;

/**
 * AWS's list prices in US dollars, region us-east-1, without the free tier, as of 2026-11-23.
 *
 * @see <a href="https://aws.amazon.com/lambda/pricing/">AWS Lambda pricing</a>: Arm, the first 7.5
 *     billion GB-seconds of a month
 * @see <a href="https://aws.amazon.com/secrets-manager/pricing/">AWS Secrets Manager pricing</a>
 * @see <a href="https://aws.amazon.com/kms/pricing/">AWS KMS pricing</a>
 */
final class Prices {
  private static final double GIGABYTE_SECOND = 0.0000133334;
  private static final double LAMBDA_REQUEST = 0.20 / 1_000_000;
  private static final double SECRETS_MANAGER_CALL = 0.05 / 10_000;
  private static final double KMS_CALL = 0.03 / 10_000;

  private Prices() {}

  static double ofLambda(double calls, double gigabyteSeconds) {
    return calls * LAMBDA_REQUEST + gigabyteSeconds * GIGABYTE_SECOND;
  }

  /**
   * Of calls to Secrets Manager.
   *
   * @param values how many of them read or write a value, for each of which KMS is called once
   */
  static double ofService(double calls, double values) {
    return calls * SECRETS_MANAGER_CALL + values * KMS_CALL;
  }
}
