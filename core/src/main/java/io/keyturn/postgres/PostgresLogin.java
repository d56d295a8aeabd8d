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
   * invalid_password and invalid_authorization_specification: the server refused the login.
   *
   * @see <a href="https://www.postgresql.org/docs/current/errcodes-appendix.html">PostgreSQL error
   *     codes</a>
   */
  private static final Set<String> REFUSED = Set.of("28P01", "28000");

  /**
   * too_many_connections and cannot_connect_now: the server may accept the login a moment later.
   */
  private static final Set<String> BUSY = Set.of("53300", "57P03");

  private final String applicationName;
  private final TlsPolicy tls;
  private final Duration answerTimeout;

  /**
   * @param applicationName what pg_stat_activity shows
   * @param answerTimeout how long the server may take for one answer
   */
  public PostgresLogin(String applicationName, TlsPolicy tls, Duration answerTimeout) {
    this.applicationName = applicationName;
    this.tls = tls;
    this.answerTimeout = answerTimeout;
  }

  /**
   * Opens a connection.
   *
   * @param deadline when the login has to end; the answers after the login have the limit of the
   *     constructor
   * @param warn receives a warning if the connection has no TLS
   * @throws SQLException whose message names the host and user; see {@link #isRefusal}
   */
  public Connection open(DatabaseSecret secret, Deadline deadline, Consumer<String> warn)
      throws SQLException {
    String url = "jdbc:" + Jdbc.url(secret);
    try {
      return tls.connect(
          secret,
          tlsProperties -> {
            Properties properties = Jdbc.properties(applicationName, answerTimeout, deadline);
            properties.putAll(tlsProperties);
            PGProperty.USER.set(properties, secret.username());
            PGProperty.PASSWORD.set(properties, secret.password());
            return new Driver().connect(url, properties);
          },
          warn);
    } catch (SQLException e) {
      throw new SQLException(
          "Login as \"%s\" to database \"%s\" at %s:%d with %s failed (SQLSTATE %s): %s%s"
              .formatted(
                  secret.username(),
                  secret.database(),
                  secret.host(),
                  secret.port(),
                  secret,
                  e.getSQLState(),
                  e.getMessage(),
                  isLost(e)
                      ? ". Check that the server runs, and that the function's network reaches it"
                      : ""),
          e.getSQLState(),
          e);
    }
  }

  /** Whether the server refused user and password. It was reached, and could serve. */
  public static boolean isRefusal(SQLException failure) {
    return failure.getSQLState() != null && REFUSED.contains(failure.getSQLState());
  }

  /** Whether the server was reached, but has no connection free or is starting or stopping. */
  public static boolean isBusy(SQLException failure) {
    return failure.getSQLState() != null && BUSY.contains(failure.getSQLState());
  }

  /**
   * Whether the connection is lost. The driver reports that as class 08. A server that is shut down
   * or has crashed reports 57P01 or 57P02 at last.
   */
  public static boolean isLost(SQLException failure) {
    String state = failure.getSQLState();
    return state != null
        && (state.startsWith("08") || state.equals("57P01") || state.equals("57P02"));
  }
}
