package io.keyturn.rotator.rds;

import io.keyturn.rotator.invocation.RotationException;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.rds.RdsUtilities;

/**
 * Generates the tokens that RDS accepts in place of a password, for 15 minutes and only over TLS.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html">IAM
 *     database authentication</a>
 */
public final class IamToken {
  private IamToken() {}

  /** Returns a token for this login, signed with the function's credentials and without a call. */
  public static String make(String host, int port, String username) {
    try (DefaultCredentialsProvider credentials = DefaultCredentialsProvider.builder().build()) {
      return RdsUtilities.builder()
          .region(new RdsHost(host).region())
          .credentialsProvider(credentials)
          .build()
          .generateAuthenticationToken(r -> r.hostname(host).port(port).username(username));
    } catch (SdkException e) {
      throw new RotationException(
          "No IAM token could be made for \"%s\" at %s: %s. The function's role must be allowed rds-db:connect for that user"
              .formatted(username, host, e.getMessage()),
          e);
    }
  }
}
