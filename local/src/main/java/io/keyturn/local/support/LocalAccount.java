package io.keyturn.local.support;

/** The account and the Region of everything in the local stack. */
public final class LocalAccount {
  public static final String ID = "000000000000";
  public static final String REGION = "us-east-1";

  private LocalAccount() {}

  /**
   * Returns the ARN of a resource in the Region.
   *
   * @param resource such as {@code function:rotator}
   */
  public static String arn(String service, String resource) {
    return "arn:aws:%s:%s:%s:%s".formatted(service, REGION, ID, resource);
  }

  /** Returns the ARN of a resource of a service without Regions, such as IAM. */
  public static String globalArn(String service, String resource) {
    return "arn:aws:%s::%s:%s".formatted(service, ID, resource);
  }
}
