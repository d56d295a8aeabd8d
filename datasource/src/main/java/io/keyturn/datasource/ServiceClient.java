package io.keyturn.datasource;

import io.keyturn.aws.AwsCalls;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** Makes the client of Secrets Manager that is used where the caller brings none. */
final class ServiceClient {
  private ServiceClient() {}

  static SecretsManagerClient create() {
    return AwsCalls.configure(SecretsManagerClient.builder())
        // The SDK's default would be one for the whole JVM, which keeps its AWS credentials when
        // the client is closed before a snapshot.
        .credentialsProvider(DefaultCredentialsProvider.builder().build())
        .build();
  }
}
