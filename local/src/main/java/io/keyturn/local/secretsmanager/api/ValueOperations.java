package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.SecretValue;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.rotation.Rotations;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import io.keyturn.local.secretsmanager.store.Versions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Puts and gets the value of one secret. */
final class ValueOperations {
  private static final Pattern ROTATION_TOKEN = Pattern.compile("[a-zA-Z0-9\\-]+");

  private final SecretStore store;
  private final Rotations rotations;

  ValueOperations(SecretStore store, Rotations rotations) {
    this.store = store;
    this.rotations = rotations;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("PutSecretValue", this::put);
    operations.put("GetSecretValue", this::get);
  }

  private ObjectNode put(Request request) {
    String token = request.token(ServiceException::invalidRequest);
    Optional<List<String>> labels = request.texts("VersionStages", 1, Versions.MAX_LABELS, 1, 256);
    request.text("RotationToken", 36, 256, ROTATION_TOKEN);
    SecretValue value =
        request
            .value()
            .orElseThrow(
                () ->
                    ServiceException.invalidRequest(
                        "You must provide either SecretString or SecretBinary."));
    Secret secret = store.live(request.secretId());
    SecretVersion version = put(secret, token, value, labels);
    ObjectNode answer = Answers.of(secret);
    answer.put("VersionId", version.id());
    Answers.putLabels(answer, version);
    return answer;
  }

  /**
   * Adds a version, or the missing value of a staged version. Putting the same value again changes
   * nothing.
   */
  SecretVersion put(Secret secret, String token, SecretValue value, Optional<List<String>> labels) {
    Versions versions = secret.versions();
    Optional<SecretVersion> existing = versions.find(token);
    if (existing.isPresent() && existing.get().value().isPresent()) {
      if (!existing.get().value().get().equals(value)) {
        throw tokenInUse(secret, token);
      }
      return existing.get();
    }
    boolean first = versions.none();
    SecretVersion version = existing.orElseGet(() -> versions.add(token, store.now()));
    version.fill(value);
    if (labels.isPresent()) {
      versions.attach(labels.get(), version);
    } else {
      versions.makeCurrent(version);
    }
    if (first) {
      versions.move(Versions.CURRENT, version);
    }
    versions.prune(store.now());
    secret.changed(store.now());
    if (version.has(Versions.CURRENT)) {
      secret.rotation().valueReplaced(store.now());
      rotations.plan(secret);
    }
    return version;
  }

  static ServiceException tokenInUse(Secret secret, String token) {
    return ServiceException.of(
        "ResourceExistsException",
        "You can't use ClientRequestToken %s because that value is already in use for a version of secret %s."
            .formatted(token, secret.arn()));
  }

  private ObjectNode get(Request request) {
    Optional<String> versionId = request.text("VersionId", 32, 64);
    Optional<String> label = request.text("VersionStage", 1, 256);
    return get(store.live(request.secretId()), versionId, label);
  }

  /** The value of a version; of AWSCURRENT, if neither its id nor a label is given. */
  ObjectNode get(Secret secret, Optional<String> versionId, Optional<String> label) {
    SecretVersion version =
        versionId.isPresent()
            ? byId(secret, versionId.get(), label)
            : byLabel(secret, label.orElse(Versions.CURRENT));
    SecretValue value =
        version.value().orElseThrow(() -> ServiceException.versionNotFound(version.id()));
    secret.accessed(version, store.now());
    ObjectNode answer = Answers.of(secret);
    answer.put("VersionId", version.id());
    value.writeTo(answer);
    Answers.putLabels(answer, version);
    answer.put("CreatedDate", Answers.time(version.created()));
    return answer;
  }

  private static SecretVersion byId(Secret secret, String id, Optional<String> label) {
    SecretVersion version =
        secret.versions().find(id).orElseThrow(() -> ServiceException.versionNotFound(id));
    if (label.isPresent() && !version.has(label.get())) {
      throw ServiceException.invalidRequest(
          "You provided a VersionStage that is not associated to the provided VersionId.");
    }
    return version;
  }

  private static SecretVersion byLabel(Secret secret, String label) {
    // A pending version without a value counts as absent.
    return secret
        .versions()
        .labelled(label)
        .filter(version -> version.value().isPresent())
        .orElseThrow(
            () ->
                ServiceException.notFound(
                    "Secrets Manager can't find the specified secret value for staging label: "
                        + label));
  }
}
