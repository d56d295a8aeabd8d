package io.keyturn.local.secretsmanager;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One secret: its details, its versions and how it is rotated. Guarded by its store's lock. */
final class Secret {
  private static final String KMS_ARN_PREFIX =
      "arn:aws:kms:" + LocalSecretsManager.REGION + ":" + LocalSecretsManager.ACCOUNT + ":key/";

  private final String name;
  private final String arn;
  private final Instant created;
  private final String creationToken;
  private final Versions versions = new Versions();
  private final RotationState rotation = new RotationState();
  private String description;
  private String kmsKeyId;
  private String policy;
  private Map<String, String> tags;
  private Instant lastChanged;
  private Instant lastAccessed;
  private Deletion deletion;

  /** When DeleteSecret was called, and when the secret is deleted for good. */
  record Deletion(Instant requested, Instant due) {}

  Secret(String name, String arn, String creationToken, Instant now) {
    this.name = name;
    this.arn = arn;
    this.creationToken = creationToken;
    this.created = now;
    this.lastChanged = now;
  }

  String name() {
    return name;
  }

  String arn() {
    return arn;
  }

  String creationToken() {
    return creationToken;
  }

  Instant created() {
    return created;
  }

  Versions versions() {
    return versions;
  }

  RotationState rotation() {
    return rotation;
  }

  Optional<String> description() {
    return Optional.ofNullable(description);
  }

  void describe(String newDescription) {
    // Terraform sends an empty one; answers leave it out.
    description = newDescription.isEmpty() ? null : newDescription;
  }

  Optional<String> kmsKeyId() {
    return Optional.ofNullable(kmsKeyId);
  }

  /** The key's ARN; nothing where the account's own key encrypts, which all its users may use. */
  Optional<String> kmsKeyArn() {
    return kmsKeyId()
        .filter(id -> !id.equals("alias/aws/secretsmanager"))
        .map(id -> id.startsWith("arn:") ? id : KMS_ARN_PREFIX + id);
  }

  void encryptWith(String keyId) {
    // An empty id means the account's own key, which answers leave out.
    kmsKeyId = keyId.isEmpty() ? null : keyId;
  }

  Optional<String> policy() {
    return Optional.ofNullable(policy);
  }

  void attachPolicy(String newPolicy) {
    policy = newPolicy;
  }

  /** Absent until the first tagging, then possibly empty. */
  Optional<Map<String, String>> tags() {
    return Optional.ofNullable(tags);
  }

  void tag(Map<String, String> added) {
    if (tags == null) {
      tags = new TreeMap<>();
    }
    tags.putAll(added);
  }

  void untag(Iterable<String> keys) {
    if (tags != null) {
      keys.forEach(tags::remove);
    }
  }

  Instant lastChanged() {
    return lastChanged;
  }

  void changed(Instant now) {
    lastChanged = now;
  }

  Optional<Instant> lastAccessed() {
    return Optional.ofNullable(lastAccessed);
  }

  void accessed(SecretVersion version, Instant now) {
    // The service keeps the day of an access, not its time.
    Instant day = now.truncatedTo(ChronoUnit.DAYS);
    lastAccessed = day;
    version.accessed(day);
  }

  Optional<Deletion> deletion() {
    return Optional.ofNullable(deletion);
  }

  void delete(Instant requested, Instant due) {
    deletion = new Deletion(requested, due);
  }

  void restore() {
    deletion = null;
  }
}
