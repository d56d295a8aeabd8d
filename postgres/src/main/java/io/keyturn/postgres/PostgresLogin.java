package io.keyturn.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Logs in to PostgreSQL with the user and password of a secret. */
public final class PostgresLogin {
  /**
   * invalid_password and invalid_authorization_specification: the server was reached and said no.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final Set<String> REFUSED = Set.of("28P01", "28000");

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final String applicationName;
  private final TlsPolicy tls;
  private final Duration answerTimeout;

  /**
   * @param applicationName what pg_stat_activity shows
   * @param answerTimeout the longest wait for any one answer of the server
   */
  public PostgresLogin(String applicationName, TlsPolicy tls, Duration answerTimeout) {
    this.applicationName = applicationName;
    this.tls = tls;
    this.answerTimeout = answerTimeout;
  }

  /**
   * Opens a connection.
   *
   * @param warn told when plaintext had to do
   * @throws SQLException whose message names the host and user; see {@link #isRefusal}
   */
  public Connection open(DatabaseSecret secret, Consumer<String> warn) throws SQLException {
    String url = "jdbc:" + Jdbc.url(secret);
    try {
      return tls.connect(
          secret,
          tlsProperties -> {
            Properties properties =
                Jdbc.properties(applicationName, CONNECT_TIMEOUT, answerTimeout);
            properties.putAll(tlsProperties);
            PGProperty.USER.set(properties, secret.username());
            PGProperty.PASSWORD.set(properties, secret.password());
            return new Driver().connect(url, properties);
          },
          warn);
    } catch (SQLException e) {
      throw new SQLException(
          "Login as \""
              + secret.username()
              + "\" to database \""
              + secret.database()
              + "\" at "
              + secret.host()
              + ":"
              + secret.port()
              + " with "
              + secret
              + " failed (SQLSTATE "
              + e.getSQLState()
              + "): "
              + e.getMessage(),
          e.getSQLState(),
          e);
    }
  }

  /**
   * Whether the server refused user and password, rather than not being reached or able to serve.
   */
  public static boolean isRefusal(SQLException failure) {
    return failure.getSQLState() != null && REFUSED.contains(failure.getSQLState());
  }
}
