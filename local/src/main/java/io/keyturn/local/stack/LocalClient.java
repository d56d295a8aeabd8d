package io.keyturn.local.stack;

import io.keyturn.local.support.LocalAccount;
import io.keyturn.local.support.LocalTls;
import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Creates clients of the local Secrets Manager that ignore the machine's AWS settings. */
public final class LocalClient {
  private LocalClient() {}

  public static SecretsManagerClient of(URI endpoint) {
    return of(endpoint, Optional.empty());
  }

  public static SecretsManagerClient of(URI endpoint, Optional<LocalTls> tls) {
    UrlConnectionHttpClient.Builder http = UrlConnectionHttpClient.builder();
    tls.ifPresent(given -> http.tlsTrustManagersProvider(given::trustManagers));
    return SecretsManagerClient.builder()
        .endpointOverride(endpoint)
        .region(Region.of(LocalAccount.REGION))
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")))
        .httpClientBuilder(http)
        .build();
  }
}
