package io.keyturn.consumer;

import com.amazonaws.secretsmanager.sql.AWSSecretsManagerPostgreSQLDriver;
import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.consumer.QueryException.SecretsErrorException;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.postgres.Jdbc;
import io.keyturn.postgres.TlsPolicy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import org.postgresql.PGProperty;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The function's one connection, made by the Secrets Manager JDBC wrapper and kept from one
 * invocation to the next.
 *
 * <p>A Lambda environment serves one invocation at a time, so nothing here is shared between
 * threads.
 */
final class DatabaseConnection {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** On top of the statement timeout, so that the server's own word on it arrives first. */
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(5);

  private static final int VALIDATION_SECONDS = 2;

  private final Settings settings;
  private final CredentialCache cache;
  private final AWSSecretsManagerPostgreSQLDriver driver;
  private final TlsPolicy tls;

  private Connection open;
  private long openedNanos;

  DatabaseConnection(Settings settings, SecretsManagerClient client) {
    this.settings = settings;
    cache = new CredentialCache(client, settings.secretId());
    driver = new AWSSecretsManagerPostgreSQLDriver(cache);
    tls = new TlsPolicy(settings.plaintextAllowed(), settings.rootCertificates().orElse(null));
  }

  /** The open connection if it is young enough and alive, otherwise a new one. */
  Connection get(Consumer<String> warn) {
    try {
      if (open != null && (isTooOld() || !open.isValid(VALIDATION_SECONDS))) {
        discard(warn);
      }
    } catch (SQLException e) {
      warn.accept("The connection could not be validated and is replaced: " + e.getMessage());
      discard(warn);
    }
    if (open == null) {
      open = connect(warn);
      openedNanos = System.nanoTime();
    }
    return open;
  }

  /** Closes the connection; the next call of {@link #get} makes a new one. */
  void discard(Consumer<String> warn) {
    Connection old = open;
    open = null;
    if (old == null) {
      return;
    }
    try {
      old.close();
    } catch (SQLException e) {
      warn.accept("The old connection could not be closed: " + e.getMessage());
    }
  }

  private boolean isTooOld() {
    return System.nanoTime() - openedNanos >= settings.connectionMaxAge().toNanos();
  }

  private Connection connect(Consumer<String> warn) {
    DatabaseSecret secret = secret();
    try {
      Connection connection =
          tls.connect(secret, tlsProperties -> connect(secret, tlsProperties), warn);
      cache.loginSucceeded();
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET statement_timeout = " + settings.statementTimeout().toMillis());
        return connection;
      } catch (SQLException e) {
        try {
          connection.close();
        } catch (SQLException second) {
          e.addSuppressed(second);
        }
        throw e;
      }
    } catch (SQLException e) {
      String version = cache.versionInUse();
      // The host, port or database may be what is wrong, and have been mended in the secret
      // meanwhile.
      cache.loginFailed();
      throw new DatabaseUnavailableException(
          "No connection to "
              + secret.host()
              + ":"
              + secret.port()
              + " as \""
              + secret.username()
              + "\" with version "
              + version
              + " of secret "
              + settings.secretId()
              + " (SQLSTATE "
              + e.getSQLState()
              + "): "
              + e.getMessage(),
          e);
    }
  }

  private Connection connect(DatabaseSecret secret, Properties tlsProperties) throws SQLException {
    Properties properties =
        Jdbc.properties(
            "keyturn-consumer", CONNECT_TIMEOUT, settings.statementTimeout().plus(ANSWER_MARGIN));
    properties.putAll(tlsProperties);
    // The wrapper takes the secret's id for a user, and puts the secret's user and password in its
    // place.
    PGProperty.USER.set(properties, settings.secretId());
    if (!settings.writesAllowed()) {
      PGProperty.READ_ONLY.set(properties, true);
      PGProperty.READ_ONLY_MODE.set(properties, "always");
    }
    return driver.connect("jdbc-secretsmanager:" + Jdbc.url(secret), properties);
  }

  private DatabaseSecret secret() {
    try {
      return DatabaseSecret.parse(
          cache.getSecretString(settings.secretId()),
          "version " + cache.versionInUse() + " of secret " + settings.secretId());
    } catch (InvalidSecretException e) {
      cache.loginFailed();
      throw new SecretsErrorException(e.getMessage(), e);
    } catch (SdkException e) {
      throw new SecretsErrorException(
          "Secret "
              + settings.secretId()
              + " could not be read: "
              + e.getMessage()
              + ". The function needs secretsmanager:GetSecretValue on it",
          e);
    }
  }
}
