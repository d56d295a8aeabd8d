package io.keyturn.local.secretsmanager.store;

import io.keyturn.local.secretsmanager.request.ServiceException;
import io.keyturn.local.support.LocalAccount;
import io.keyturn.local.support.LocalClock;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** All secrets by name and ARN, and the lock under which they change. */
public final class SecretStore {
  private static final String ARN_PREFIX = LocalAccount.arn("secretsmanager", "secret:");
  private static final Pattern ENDS_LIKE_AN_ARN = Pattern.compile(".*-[A-Za-z0-9]{6}");
  private static final int SUFFIX_LENGTH = 6;
  private static final String SUFFIX_CHARACTERS =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private final LocalClock clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Secret> byName = new LinkedHashMap<>();
  private final Map<String, Secret> byArn = new HashMap<>();

  public SecretStore(LocalClock clock) {
    this.clock = clock;
  }

  /** Runs work under the lock. */
  public synchronized <T> T locked(Supplier<T> work) {
    // The service deletes in the background. Deleting before each piece of work looks the same.
    Instant now = clock.instant();
    List<Secret> over = byName.values().stream().filter(secret -> isOver(secret, now)).toList();
    over.forEach(this::remove);
    return work.get();
  }

  private static boolean isOver(Secret secret, Instant now) {
    return secret.deletion().filter(deletion -> !deletion.due().isAfter(now)).isPresent();
  }

  public Instant now() {
    return clock.instant();
  }

  /** The secret, even one that is marked for deletion. */
  public Secret any(String id) {
    return find(id).orElseThrow(ServiceException::secretNotFound);
  }

  /** The secret, if it is not marked for deletion. */
  public Secret live(String id) {
    Secret secret = any(id);
    if (secret.deletion().isPresent()) {
      throw ServiceException.markedForDeletion();
    }
    return secret;
  }

  public Optional<Secret> find(String id) {
    if (!id.startsWith("arn:")) {
      return Optional.ofNullable(byName.get(id));
    }
    return Optional.ofNullable(byArn.get(id)).or(() -> findPartial(id));
  }

  /**
   * The secret whose ARN this is without its six random characters. A name that itself ends in a
   * hyphen and six characters is not found so, since the id then looks like a whole ARN.
   *
   * @see <a
   *     href="https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen">Finding
   *     a secret from a partial ARN</a>
   */
  private Optional<Secret> findPartial(String id) {
    return id.startsWith(ARN_PREFIX) && !ENDS_LIKE_AN_ARN.matcher(id).matches()
        ? Optional.ofNullable(byName.get(id.substring(ARN_PREFIX.length())))
        : Optional.empty();
  }

  public Collection<Secret> all() {
    return byName.values();
  }

  public Secret add(String name, String creationToken) {
    Secret secret = new Secret(name, newArn(name), creationToken, now());
    byName.put(name, secret);
    byArn.put(secret.arn(), secret);
    return secret;
  }

  public void remove(Secret secret) {
    byName.remove(secret.name());
    byArn.remove(secret.arn());
  }

  public String newArn(String name) {
    StringBuilder arn = new StringBuilder(ARN_PREFIX).append(name).append('-');
    for (int i = 0; i < SUFFIX_LENGTH; i++) {
      arn.append(SUFFIX_CHARACTERS.charAt(random.nextInt(SUFFIX_CHARACTERS.length())));
    }
    return arn.toString();
  }
}
