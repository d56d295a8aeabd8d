package io.keyturn.local.secretsmanager.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The versions of one secret, oldest first, and the rules by which labels move between them: each
 * label is on one version at most.
 */
public final class Versions {
  public static final String CURRENT = "AWSCURRENT";
  static final String PREVIOUS = "AWSPREVIOUS";
  public static final String PENDING = "AWSPENDING";
  public static final int MAX_LABELS = 20;

  private static final int KEPT = 100;
  private static final Duration KEPT_FOR = Duration.ofHours(24);

  private final Map<String, SecretVersion> byId = new LinkedHashMap<>();

  public Optional<SecretVersion> find(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  public Optional<SecretVersion> labelled(String label) {
    return byId.values().stream().filter(version -> version.has(label)).findFirst();
  }

  public Collection<SecretVersion> all() {
    return Collections.unmodifiableCollection(byId.values());
  }

  public boolean none() {
    return byId.isEmpty();
  }

  /** The version a rotation has staged and not finished: AWSPENDING, and not AWSCURRENT. */
  public Optional<SecretVersion> unfinished() {
    return labelled(PENDING).filter(version -> !version.has(CURRENT));
  }

  public SecretVersion add(String id, Instant now) {
    SecretVersion version = new SecretVersion(id, now);
    byId.put(id, version);
    return version;
  }

  public void remove(String id) {
    byId.remove(id);
  }

  /** Moves a label to a version. */
  public void move(String label, SecretVersion to) {
    Optional<SecretVersion> from = labelled(label).filter(version -> version != to);
    from.ifPresent(version -> version.remove(label));
    to.add(label);
    if (label.equals(CURRENT) && from.isPresent()) {
      // Only after AWSCURRENT has moved: a rollback moves AWSPREVIOUS in the opposite direction.
      move(PREVIOUS, from.get());
    }
  }

  public void attach(List<String> labels, SecretVersion to) {
    for (String label : labels) {
      move(label, to);
    }
  }

  /**
   * A value put without labels becomes AWSCURRENT and ends whatever rotation was under way: no
   * other version keeps AWSPENDING.
   */
  public void makeCurrent(SecretVersion version) {
    labelled(PENDING).filter(old -> old != version).ifPresent(old -> old.remove(PENDING));
    move(CURRENT, version);
  }

  /**
   * Deletes the oldest versions without labels while there are more than 100, but none of the last
   * 24 hours.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html">What's
   *     in a secret: version</a>
   */
  public void prune(Instant now) {
    int surplus = byId.size() - KEPT;
    if (surplus <= 0) {
      return;
    }
    List<SecretVersion> old =
        byId.values().stream()
            .filter(version -> version.labels().isEmpty())
            .filter(version -> version.created().isBefore(now.minus(KEPT_FOR)))
            .limit(surplus)
            .toList();
    old.forEach(version -> byId.remove(version.id()));
  }
}
