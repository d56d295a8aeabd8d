package io.keyturn.local.check;

import io.keyturn.local.support.StackException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClientBuilder;
import software.amazon.awssdk.services.secretsmanager.model.SecretListEntry;

/** Finds the secrets that a function rotates. */
public final class RotatedSecrets {
  private RotatedSecrets() {}

  /**
   * The ARNs of the secrets whose rotation function is this one.
   *
   * @param function its name or ARN
   */
  public static List<String> of(String function) {
    try (SecretsManagerClient client = client(System.getenv())) {
      return client.listSecretsPaginator().stream()
          .flatMap(page -> page.secretList().stream())
          .filter(
              secret ->
                  secret.rotationLambdaARN() != null && isFor(secret.rotationLambdaARN(), function))
          .map(SecretListEntry::arn)
          .sorted()
          .toList();
    } catch (SdkException e) {
      throw new StackException("ListSecrets failed: " + e.getMessage(), e);
    }
  }

  private static boolean isFor(String arn, String function) {
    return arn.equals(function) || arn.endsWith(":function:" + function);
  }

  private static SecretsManagerClient client(Map<String, String> environment) {
    SecretsManagerClientBuilder builder =
        SecretsManagerClient.builder().httpClient(UrlConnectionHttpClient.create());
    // The same variable as the rotator's.
    Optional.ofNullable(environment.get("SECRETS_MANAGER_ENDPOINT"))
        .filter(url -> !url.isBlank())
        .ifPresent(url -> builder.endpointOverride(URI.create(url)));
    return builder.build();
  }
}
