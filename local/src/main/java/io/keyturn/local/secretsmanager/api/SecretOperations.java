package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.SecretValue;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.rotation.Rotations;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Creates, changes, deletes and restores secrets. */
final class SecretOperations {
  private static final int MAX_DESCRIPTION = 2048;
  private static final int MAX_KEY_ID = 2048;

  private final SecretStore store;
  private final ValueOperations values;
  private final Rotations rotations;

  SecretOperations(SecretStore store, ValueOperations values, Rotations rotations) {
    this.store = store;
    this.values = values;
    this.rotations = rotations;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("CreateSecret", this::create);
    operations.put("UpdateSecret", this::update);
    operations.put("DeleteSecret", this::delete);
    operations.put("RestoreSecret", this::restore);
  }

  private ObjectNode create(Request request) {
    String token = request.token(ServiceException::invalidRequest);
    String name = request.newName();
    Optional<String> description = request.text("Description", 0, MAX_DESCRIPTION);
    Optional<String> kmsKeyId = request.text("KmsKeyId", 0, MAX_KEY_ID);
    Optional<Map<String, String>> tags = Tags.parse(request);
    Optional<SecretValue> value = request.value();
    refuseUnsupportedFields(request);
    Optional<Secret> existing = store.find(name);
    if (existing.isPresent()) {
      return createdBefore(existing.get(), token, value);
    }
    tags.ifPresent(added -> Tags.checkCount(Map.of(), added));
    Secret secret = store.add(name, token);
    description.ifPresent(secret::describe);
    kmsKeyId.ifPresent(secret::encryptWith);
    tags.ifPresent(secret::tag);
    value.ifPresent(v -> values.put(secret, token, v, Optional.empty()));
    return created(secret, value.isPresent(), token);
  }

  /** Repeating the request that created the secret succeeds. Any other request fails. */
  private static ObjectNode createdBefore(
      Secret secret, String token, Optional<SecretValue> value) {
    if (secret.deletion().isPresent()) {
      throw ServiceException.invalidRequest(
          "You can't create this secret because a secret with this name is already scheduled for"
              + " deletion.");
    }
    Optional<SecretVersion> version = secret.versions().find(token);
    if (version.isPresent() && !version.get().value().equals(value)) {
      throw ValueOperations.tokenInUse(secret, token);
    }
    boolean repeated = version.isPresent() || token.equals(secret.creationToken());
    if (!repeated || (version.isEmpty() && value.isPresent())) {
      throw ServiceException.of(
          "ResourceExistsException",
          "The operation failed because the secret " + secret.name() + " already exists.");
    }
    return created(secret, version.isPresent(), token);
  }

  private static ObjectNode created(Secret secret, boolean withVersion, String token) {
    ObjectNode answer = Answers.of(secret);
    if (withVersion) {
      answer.put("VersionId", token);
    }
    return answer;
  }

  /**
   * Refuses fields for replica Regions and secrets of other services, which would otherwise be
   * ignored.
   */
  private static void refuseUnsupportedFields(Request request) {
    if (request.has("AddReplicaRegions") || request.has("Type")) {
      throw ServiceException.invalidRequest(
          "The local Secrets Manager has neither replica Regions (AddReplicaRegions) nor managed"
              + " external secrets (Type).");
    }
  }

  private ObjectNode update(Request request) {
    String token = request.token(ServiceException::invalidRequest);
    Optional<String> description = request.text("Description", 0, MAX_DESCRIPTION);
    Optional<String> kmsKeyId = request.text("KmsKeyId", 0, MAX_KEY_ID);
    Optional<SecretValue> value = request.value();
    refuseUnsupportedFields(request);
    Secret secret = store.live(request.secretId());
    // The value is put first: if its token is in use, nothing changes.
    Optional<SecretVersion> version =
        value.map(v -> values.put(secret, token, v, Optional.empty()));
    description.ifPresent(secret::describe);
    kmsKeyId.ifPresent(secret::encryptWith);
    secret.changed(store.now());
    ObjectNode answer = Answers.of(secret);
    version.ifPresent(v -> answer.put("VersionId", v.id()));
    return answer;
  }

  private ObjectNode delete(Request request) {
    String id = request.secretId();
    OptionalLong window = request.number("RecoveryWindowInDays");
    boolean force = request.flag("ForceDeleteWithoutRecovery", false);
    if (force && window.isPresent()) {
      throw ServiceException.invalidParameter(
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    }
    long days = window.orElse(30);
    if (days < 7 || days > 30) {
      throw ServiceException.invalidParameter(
          "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
    }
    return force ? deleteNow(id) : deleteLater(store.live(id), Duration.ofDays(days));
  }

  private ObjectNode deleteLater(Secret secret, Duration window) {
    Instant due = store.now().plus(window);
    secret.delete(store.now(), due);
    return deleted(Answers.of(secret), due);
  }

  private ObjectNode deleteNow(String id) {
    Optional<Secret> secret = store.find(id);
    secret.ifPresent(store::remove);
    return deleted(secret.map(Answers::of).orElseGet(() -> neverExisted(id)), store.now());
  }

  /** A forced deletion succeeds even if the secret does not exist, and returns an ARN. */
  private ObjectNode neverExisted(String id) {
    ObjectNode answer = Answers.empty();
    answer.put("ARN", id.startsWith("arn:") ? id : store.newArn(id));
    answer.put("Name", id);
    return answer;
  }

  private static ObjectNode deleted(ObjectNode answer, Instant due) {
    answer.put("DeletionDate", Answers.time(due));
    return answer;
  }

  private ObjectNode restore(Request request) {
    Secret secret = store.any(request.secretId());
    secret.restore();
    // A rotation that was due in the meantime starts now.
    rotations.plan(secret);
    return Answers.of(secret);
  }
}
