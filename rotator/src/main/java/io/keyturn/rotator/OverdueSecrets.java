package io.keyturn.rotator;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import io.keyturn.rotator.invocation.RotationException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.SecretListEntry;

/**
 * Finds the secrets that this function rotates and whose rotation is overdue.
 *
 * <p>A schedule calls it once a day. It fails if there is such a secret, so that the alarm on the
 * function's errors also covers rotations that never reached the function. The daily call also
 * prevents Lambda from reclaiming the network interfaces of a function that is idle for 14 days,
 * after which the first call of a rotation would fail.
 */
final class OverdueSecrets {
  private final SecretsManagerClient client;
  private final Clock clock;

  OverdueSecrets(SecretsManagerClient client, Clock clock) {
    this.client = client;
    this.clock = clock;
  }

  void check(Context context) {
    String function = unqualified(context.getInvokedFunctionArn());
    Instant now = clock.instant();
    List<SecretListEntry> rotated = rotatedBy(function);
    List<String> overdue =
        rotated.stream()
            .filter(secret -> isOverdue(secret, now))
            .map(OverdueSecrets::description)
            .toList();
    if (!overdue.isEmpty()) {
      throw new RotationException(
          "The rotation of %d of %d secrets is overdue: %s. Find the error of the last attempt in this function's log, or start a rotation with: aws secretsmanager rotate-secret --secret-id ARN"
              .formatted(overdue.size(), rotated.size(), String.join("; ", overdue)));
    }
    context
        .getLogger()
        .log("No rotation of %d secrets is overdue".formatted(rotated.size()), LogLevel.INFO);
  }

  private List<SecretListEntry> rotatedBy(String function) {
    try {
      return client.listSecretsPaginator().stream()
          .flatMap(page -> page.secretList().stream())
          .filter(secret -> Boolean.TRUE.equals(secret.rotationEnabled()))
          .filter(
              secret ->
                  secret.rotationLambdaARN() != null
                      && unqualified(secret.rotationLambdaARN()).equals(function))
          .toList();
    } catch (SdkException e) {
      throw new RotationException("ListSecrets failed: " + e.getMessage(), e);
    }
  }

  /** The service moves the date on only when a rotation has succeeded. */
  private static boolean isOverdue(SecretListEntry secret, Instant now) {
    return secret.nextRotationDate() != null && secret.nextRotationDate().isBefore(now);
  }

  private static String description(SecretListEntry secret) {
    return "%s (due by %s, last rotated %s)"
        .formatted(
            secret.arn(),
            secret.nextRotationDate(),
            secret.lastRotatedDate() == null ? "never" : secret.lastRotatedDate());
  }

  /** The function's ARN without a version or an alias. */
  private static String unqualified(String arn) {
    String[] parts = arn.split(":", -1);
    return parts.length > 7 ? arn.substring(0, arn.length() - parts[7].length() - 1) : arn;
  }
}
