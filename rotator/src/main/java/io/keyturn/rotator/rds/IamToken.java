package io.keyturn.rotator.rds;

import io.keyturn.rotator.invocation.RotationException;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.rds.RdsUtilities;

/**
 * Makes the tokens that RDS takes in place of a password, for 15 minutes and over TLS only.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html">IAM
 *     database authentication</a>
 */
public final class IamToken {
  private IamToken() {}

  /** A token for this login, signed with the function's own credentials and without any call. */
  public static String make(String host, int port, String username) {
    try (DefaultCredentialsProvider credentials = DefaultCredentialsProvider.builder().build()) {
      return RdsUtilities.builder()
          .region(new RdsHost(host).region())
          .credentialsProvider(credentials)
          .build()
          .generateAuthenticationToken(r -> r.hostname(host).port(port).username(username));
    } catch (SdkException e) {
      throw new RotationException(
          "No IAM token could be made for \""
              + username
              + "\" at "
              + host
              + ": "
              + e.getMessage()
              + ". It takes the credentials of a role that is allowed rds-db:connect for that user",
          e);
    }
  }
}
