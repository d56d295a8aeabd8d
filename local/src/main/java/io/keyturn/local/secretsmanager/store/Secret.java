package io.keyturn.local.secretsmanager.store;

import io.keyturn.local.support.LocalAccount;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One secret: its details, its versions and how it is rotated. Guarded by its store's lock. */
public final class Secret {
  private static final String KMS_ARN_PREFIX = LocalAccount.arn("kms", "key/");

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
  public record Deletion(Instant requested, Instant due) {}

  Secret(String name, String arn, String creationToken, Instant now) {
    this.name = name;
    this.arn = arn;
    this.creationToken = creationToken;
    this.created = now;
    this.lastChanged = now;
  }

  public String name() {
    return name;
  }

  public String arn() {
    return arn;
  }

  public String creationToken() {
    return creationToken;
  }

  public Instant created() {
    return created;
  }

  public Versions versions() {
    return versions;
  }

  public RotationState rotation() {
    return rotation;
  }

  public Optional<String> description() {
    return Optional.ofNullable(description);
  }

  public void describe(String newDescription) {
    // Terraform sends an empty one; answers leave it out.
    description = newDescription.isEmpty() ? null : newDescription;
  }

  public Optional<String> kmsKeyId() {
    return Optional.ofNullable(kmsKeyId);
  }

  /** The key's ARN; nothing where the account's own key encrypts, which all its users may use. */
  public Optional<String> kmsKeyArn() {
    return kmsKeyId()
        .filter(id -> !id.equals("alias/aws/secretsmanager"))
        .map(id -> id.startsWith("arn:") ? id : KMS_ARN_PREFIX + id);
  }

  public void encryptWith(String keyId) {
    // An empty id means the account's own key, which answers leave out.
    kmsKeyId = keyId.isEmpty() ? null : keyId;
  }

  public Optional<String> policy() {
    return Optional.ofNullable(policy);
  }

  public void attachPolicy(String newPolicy) {
    policy = newPolicy;
  }

  /** Absent until the first tagging, then possibly empty. */
  public Optional<Map<String, String>> tags() {
    return Optional.ofNullable(tags);
  }

  public void tag(Map<String, String> added) {
    if (tags == null) {
      tags = new TreeMap<>();
    }
    tags.putAll(added);
  }

  public void untag(Iterable<String> keys) {
    if (tags != null) {
      keys.forEach(tags::remove);
    }
  }

  public Instant lastChanged() {
    return lastChanged;
  }

  public void changed(Instant now) {
    lastChanged = now;
  }

  public Optional<Instant> lastAccessed() {
    return Optional.ofNullable(lastAccessed);
  }

  public void accessed(SecretVersion version, Instant now) {
    // The service keeps the day of an access, not its time.
    Instant day = now.truncatedTo(ChronoUnit.DAYS);
    lastAccessed = day;
    version.accessed(day);
  }

  public Optional<Deletion> deletion() {
    return Optional.ofNullable(deletion);
  }

  public void delete(Instant requested, Instant due) {
    deletion = new Deletion(requested, due);
  }

  public void restore() {
    deletion = null;
  }
}
