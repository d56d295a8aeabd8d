package io.keyturn.postgres;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;

/** Translates a database secret into the URL and the properties of the PostgreSQL JDBC driver. */
public final class Jdbc {
  /** How long the server may take to accept a connection. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private Jdbc() {}

  /**
   * Returns the URL after {@code jdbc:}. The Secrets Manager wrapper needs its own scheme there.
   */
  public static String url(DatabaseSecret secret) {
    String host = secret.host();
    boolean bareIpv6 = host.indexOf(':') >= 0 && !host.startsWith("[");
    return "postgresql://"
        + (bareIpv6 ? "[" + host + "]" : host)
        + ":"
        + secret.port()
        + "/"
        + URLEncoder.encode(secret.database(), StandardCharsets.UTF_8);
  }

  /**
   * Returns the properties except user, password and TLS.
   *
   * @param applicationName what pg_stat_activity shows
   * @param answer how long the server may take for one answer
   * @param deadline when the login has to end
   */
  public static Properties properties(String applicationName, Duration answer, Deadline deadline) {
    Properties properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.CONNECT_TIMEOUT.set(properties, wholeSeconds(CONNECT_TIMEOUT));
    PGProperty.SOCKET_TIMEOUT.set(properties, wholeSeconds(answer));
    Duration login = deadline.atMost(CONNECT_TIMEOUT.plus(answer));
    PGProperty.LOGIN_TIMEOUT.set(properties, String.valueOf(login.toMillis() / 1000.0));
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    // With this the driver sends the application name in its first message, without a further
    // statement.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
    return properties;
  }

  /** Rounds up, because 0 would mean no limit. */
  private static int wholeSeconds(Duration duration) {
    return (int) Math.max(1, duration.plusMillis(999).toSeconds());
  }
}
