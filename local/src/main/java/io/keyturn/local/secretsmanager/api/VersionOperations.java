package io.keyturn.local.secretsmanager.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keyturn.local.secretsmanager.request.Request;
import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.secretsmanager.store.Secret;
import io.keyturn.local.secretsmanager.store.SecretStore;
import io.keyturn.local.secretsmanager.store.SecretVersion;
import io.keyturn.local.secretsmanager.store.Versions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists versions and moves their staging labels. */
final class VersionOperations {
  private final SecretStore store;

  VersionOperations(SecretStore store) {
    this.store = store;
  }

  void addTo(Map<String, Operation> operations) {
    operations.put("ListSecretVersionIds", this::list);
    operations.put("UpdateSecretVersionStage", this::moveLabel);
  }

  private ObjectNode list(Request request) {
    boolean deprecatedToo = request.flag("IncludeDeprecated", false);
    Page page = Page.parse(request, 100);
    Secret secret = store.any(request.secretId());
    List<SecretVersion> versions =
        secret.versions().all().stream()
            .filter(version -> deprecatedToo || !version.labels().isEmpty())
            .toList();
    ObjectNode answer = Answers.of(secret);
    ArrayNode list = answer.putArray("Versions");
    page.of(versions, answer).forEach(version -> describe(secret, version, list.addObject()));
    return answer;
  }

  private static void describe(Secret secret, SecretVersion version, ObjectNode entry) {
    entry.put("VersionId", version.id());
    if (!version.labels().isEmpty()) {
      Answers.putLabels(entry, version);
    }
    version.lastAccessed().ifPresent(time -> entry.put("LastAccessedDate", Answers.time(time)));
    entry.put("CreatedDate", Answers.time(version.created()));
    entry.putArray("KmsKeyIds").add(secret.kmsKeyId().orElse("DefaultEncryptionKey"));
  }

  private ObjectNode moveLabel(Request request) {
    String label = request.required("VersionStage", 1, 256);
    Optional<String> fromId = request.text("RemoveFromVersionId", 32, 64);
    Optional<String> toId = request.text("MoveToVersionId", 32, 64);
    Secret secret = store.live(request.secretId());
    if (fromId.isEmpty() && toId.isEmpty()) {
      throw ServiceException.invalidParameter(
          "You must provide MoveToVersionId, RemoveFromVersionId or both.");
    }
    Versions versions = secret.versions();
    fromId.ifPresent(id -> existing(versions, id));
    Optional<SecretVersion> to = toId.map(id -> existing(versions, id));
    checkSource(versions, label, fromId, to);
    if (to.isPresent()) {
      move(versions, label, to.get());
    } else {
      remove(versions, label);
    }
    secret.changed(store.now());
    return Answers.of(secret);
  }

  private static SecretVersion existing(Versions versions, String id) {
    return versions.find(id).orElseThrow(() -> ServiceException.versionNotFound(id));
  }

  /** A label is moved from another version only if the caller names that version. */
  private static void checkSource(
      Versions versions, String label, Optional<String> fromId, Optional<SecretVersion> to) {
    Optional<SecretVersion> holder = versions.labelled(label);
    if (holder.isEmpty()) {
      if (fromId.isPresent()) {
        throw ServiceException.invalidParameter(
            "The parameter RemoveFromVersionId can't be used: staging label %s is not attached to any version."
                .formatted(label));
      }
      return;
    }
    String holderId = holder.get().id();
    boolean stays = to.isPresent() && to.get() == holder.get();
    if (fromId.isEmpty() ? !stays : !fromId.get().equals(holderId)) {
      throw ServiceException.invalidParameter(
          "The parameter RemoveFromVersionId can't be %s. Staging label %s is currently attached to version %s, so you must explicitly reference that version in RemoveFromVersionId."
              .formatted(fromId.orElse("empty"), label, holderId));
    }
  }

  private static void move(Versions versions, String label, SecretVersion to) {
    if (!to.has(label) && to.labels().size() >= Versions.MAX_LABELS) {
      throw ServiceException.of(
          "LimitExceededException",
          "A version can have up to " + Versions.MAX_LABELS + " staging labels.");
    }
    versions.move(label, to);
  }

  private static void remove(Versions versions, String label) {
    if (label.equals(Versions.CURRENT)) {
      throw ServiceException.invalidParameter(
          "You can only move staging label AWSCURRENT to a different secret version. It can't be"
              + " completely removed.");
    }
    versions.labelled(label).ifPresent(version -> version.remove(label));
  }
}
