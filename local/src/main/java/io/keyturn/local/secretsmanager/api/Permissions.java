package io.keyturn.local.secretsmanager.api;

import io.keyturn.local.permissions.Access;
import io.keyturn.local.permissions.Authorizer;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.support.LocalAccount;
import java.util.List;
import java.util.Optional;

/**
 * Checks that a caller may call the operation and use the secret's key, which the service uses on
 * behalf of the caller.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-authz">Permissions
 *     for the KMS key</a>
 */
public final class Permissions {
  private static final String DECRYPT = "kms:Decrypt";
  private static final String GENERATE_DATA_KEY = "kms:GenerateDataKey";

  private final SecretStore store;
  private final Authorizer authorizer;

  public Permissions(SecretStore store, Authorizer authorizer) {
    this.store = store;
    this.authorizer = authorizer;
  }

  void check(String caller, String operation, Request request) {
    Optional<Secret> secret =
        request.rawSecretId().flatMap(id -> store.locked(() -> store.find(id)));
    String resource = secret.map(Secret::arn).or(request::rawSecretId).orElse("*");
    Optional<String> function =
        secret.flatMap(found -> store.locked(() -> found.rotation().functionArn()));
    checkAction(caller, operation, resource, function, request);
    if (operation.equals("BatchGetSecretValue")) {
      // The service checks each secret, and leaves out those that the caller may not read.
      checkAction(caller, "GetSecretValue", "*", Optional.empty(), request);
    }
    secret.ifPresent(
        found ->
            found.kmsKeyArn().ifPresent(key -> checkKey(caller, operation, request, found, key)));
  }

  private void checkAction(
      String caller,
      String operation,
      String resource,
      Optional<String> rotationFunction,
      Request request) {
    Access access = Access.to("secretsmanager:" + operation, resource);
    Optional<String> secretId = request.rawSecretId();
    Optional<String> label = request.rawVersionStage();
    if (secretId.isPresent()) {
      access = access.with("secretsmanager:SecretId", secretId.get());
    }
    if (label.isPresent()) {
      access = access.with(Access.VERSION_STAGE, label.get());
    }
    if (rotationFunction.isPresent()) {
      access = access.with(Access.ROTATION_FUNCTION, rotationFunction.get());
    }
    Optional<Authorizer.Denial> denial = authorizer.denial(caller, access);
    if (denial.isPresent()) {
      throw ServiceException.accessDenied(access, denial.get());
    }
  }

  private void checkKey(
      String caller, String operation, Request request, Secret secret, String key) {
    for (String action : keyActions(operation, request)) {
      Access access =
          Access.to(action, key)
              .with("kms:ViaService", "secretsmanager." + LocalAccount.REGION + ".amazonaws.com")
              .with("kms:EncryptionContext:SecretARN", secret.arn());
      if (authorizer.denial(caller, access).isPresent()) {
        throw ServiceException.of("AccessDeniedException", "Access to KMS is not allowed");
      }
    }
  }

  private static List<String> keyActions(String operation, Request request) {
    boolean hasValue = request.has("SecretString") || request.has("SecretBinary");
    return switch (operation) {
      case "GetSecretValue" -> List.of(DECRYPT);
      case "PutSecretValue", "UpdateSecret" ->
          hasValue ? List.of(GENERATE_DATA_KEY, DECRYPT) : List.of();
      default -> List.of();
    };
  }
}
