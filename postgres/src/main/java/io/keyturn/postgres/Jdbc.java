package io.keyturn.postgres;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;

/** A database secret in the terms of the PostgreSQL JDBC driver: the URL, and bounded waits. */
public final class Jdbc {
  private Jdbc() {}

  /** The URL after {@code jdbc:}, which the Secrets Manager wrapper puts its own scheme before. */
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
   * Properties without user, password and TLS.
   *
   * @param applicationName what pg_stat_activity shows
   * @param connect the longest wait for a connection to be accepted
   * @param answer the longest wait for any one answer of the server
   */
  public static Properties properties(String applicationName, Duration connect, Duration answer) {
    Properties properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.CONNECT_TIMEOUT.set(properties, wholeSeconds(connect));
    PGProperty.SOCKET_TIMEOUT.set(properties, wholeSeconds(answer));
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    // Lets the driver name the application in its first message instead of a statement of its own.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
    return properties;
  }

  /** Bounds the whole login, of which each answer may take as long as the properties say. */
  public static void loginTimeout(Properties properties, Duration timeout) {
    PGProperty.LOGIN_TIMEOUT.set(properties, String.valueOf(timeout.toMillis() / 1000.0));
  }

  /** Rounded up, since 0 would mean no limit at all. */
  private static int wholeSeconds(Duration duration) {
    return (int) Math.max(1, duration.plusMillis(999).toSeconds());
  }
}
