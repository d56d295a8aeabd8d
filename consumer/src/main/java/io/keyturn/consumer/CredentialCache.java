package io.keyturn.consumer;

import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.caching.SecretCacheConfiguration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/**
 * The JDBC wrapper's cache of one secret, which finds the right password in the middle of a
 * rotation too.
 *
 * <p>Between setSecret and finishSecret of a single-user rotation the database already wants the
 * pending password, while AWSCURRENT is still the old one. The stock cache looks at AWSCURRENT
 * alone, a few times, and gives up. This one, once a login was refused, looks at AWSCURRENT again,
 * and if that has not changed, at AWSPENDING.
 */
final class CredentialCache extends SecretCache {
  private static final String CURRENT = "AWSCURRENT";
  private static final String PENDING = "AWSPENDING";

  private final SecretsManagerClient client;
  private final String secretId;

  /**
   * What logins use now: the current version, or the pending one if that was what the database
   * wanted.
   */
  private GetSecretValueResponse inUse;

  /** The versions that the database has refused since a login last succeeded. */
  private final Set<String> refused = new HashSet<>();

  CredentialCache(SecretsManagerClient client, String secretId) {
    // The superclass would make a client of its own if it got none.
    super(new SecretCacheConfiguration().withClient(client));
    this.client = client;
    this.secretId = secretId;
  }

  @Override
  public synchronized String getSecretString(String id) {
    if (inUse == null) {
      inUse = get(CURRENT);
    }
    return inUse.secretString();
  }

  /** Which version logins use now, for messages. */
  synchronized String versionInUse() {
    return inUse == null ? "none" : inUse.versionId();
  }

  /** Called when a login succeeded: whatever was refused before may be right another time. */
  synchronized void loginSucceeded() {
    refused.clear();
  }

  /** Called when no login succeeded: the next one reads the secret again. */
  synchronized void loginFailed() {
    inUse = null;
    refused.clear();
  }

  /**
   * Called by the wrapper when the database refused the login.
   *
   * @return whether there is another value to try
   */
  @Override
  public synchronized boolean refreshNow(String id) {
    refused.add(inUse.versionId());
    return use(get(CURRENT)) || pending().filter(this::use).isPresent();
  }

  private boolean use(GetSecretValueResponse value) {
    if (refused.contains(value.versionId())) {
      return false;
    }
    inUse = value;
    return true;
  }

  /** Empty where no rotation is under way, or it has not come to a value yet. */
  private Optional<GetSecretValueResponse> pending() {
    try {
      return Optional.of(get(PENDING));
    } catch (ResourceNotFoundException e) {
      return Optional.empty();
    }
  }

  private GetSecretValueResponse get(String stage) {
    return client.getSecretValue(r -> r.secretId(secretId).versionStage(stage));
  }
}
