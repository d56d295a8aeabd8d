package io.keyturn.datasource;

import com.amazonaws.secretsmanager.caching.SecretCache;
import com.amazonaws.secretsmanager.caching.SecretCacheConfiguration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * Hands the JDBC wrapper the version of the secret that a login is to try.
 *
 * <p>The wrapper asks for a secret by the id that it is given as the user's name, and after a
 * refusal asks for a newer value, without a word on which value was refused. With many logins at
 * once that says too little, so here each login is one version's, under an id of its own, and which
 * version comes next is left to {@link RotatingSecret}.
 */
final class WrapperCache extends SecretCache {
  private final Map<String, SecretVersion> logins = new ConcurrentHashMap<>();

  WrapperCache() {
    // The superclass makes a client of its own, with AWS's whole machinery, if it gets none.
    super(new SecretCacheConfiguration().withClient(new NoClient()));
  }

  /** One login's turn. */
  String begin(SecretVersion version) {
    String id = UUID.randomUUID().toString();
    logins.put(id, version);
    return id;
  }

  void end(String id) {
    logins.remove(id);
  }

  @Override
  public String getSecretString(String id) {
    return logins.get(id).text();
  }

  /** There is no other value for this login. */
  @Override
  public boolean refreshNow(String id) {
    return false;
  }

  /** A client that no call reaches, since this cache answers by itself. */
  private static final class NoClient implements SecretsManagerClient {
    @Override
    public String serviceName() {
      return SERVICE_NAME;
    }

    @Override
    public void close() {
      // There is nothing to close.
    }
  }
}
