package io.keyturn.postgres;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.postgresql.PGProperty;

/** A database secret in the terms of the PostgreSQL JDBC driver: the URL, and bounded waits. */
public final class Jdbc {
  /** The longest wait for a connection to be accepted. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

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
   * @param answer the longest wait for any one answer of the server
   * @param deadline before which the login ends, of which each answer may take as long as that
   */
  public static Properties properties(String applicationName, Duration answer, Deadline deadline) {
    Properties properties = new Properties();
    PGProperty.APPLICATION_NAME.set(properties, applicationName);
    PGProperty.CONNECT_TIMEOUT.set(properties, wholeSeconds(CONNECT_TIMEOUT));
    PGProperty.SOCKET_TIMEOUT.set(properties, wholeSeconds(answer));
    Duration login = deadline.atMost(CONNECT_TIMEOUT.plus(answer));
    PGProperty.LOGIN_TIMEOUT.set(properties, String.valueOf(login.toMillis() / 1000.0));
    PGProperty.GSS_ENC_MODE.set(properties, "disable");
    // Lets the driver name the application in its first message instead of a statement of its own.
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "13");
    return properties;
  }

  /** Rounded up, since 0 would mean no limit at all. */
  private static int wholeSeconds(Duration duration) {
    return (int) Math.max(1, duration.plusMillis(999).toSeconds());
  }
}
