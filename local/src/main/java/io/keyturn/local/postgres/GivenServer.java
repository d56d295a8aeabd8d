package io.keyturn.local.postgres;

import java.util.Properties;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * A PostgreSQL that is running already. A JDBC URL names it, with the user and password of a role
 * that may create roles.
 */
public record GivenServer(
    String host, int port, String database, String superuser, String superuserPassword)
    implements PostgresServer {

  /** Reads {@code jdbc:postgresql://host:port/database?user=…&password=…}. */
  public static GivenServer at(String url) {
    Properties read = Driver.parseURL(url, null);
    if (read == null) {
      throw new IllegalArgumentException(
          "Not a URL of PostgreSQL's JDBC driver; expected jdbc:postgresql://host:port/database?user=…&password=…");
    }
    String user = PGProperty.USER.getOrDefault(read);
    String password = PGProperty.PASSWORD.getOrDefault(read);
    if (user == null || password == null) {
      throw new IllegalArgumentException(
          "The PostgreSQL URL must have ?user=…&password=… of a role that may create roles");
    }
    String host = PGProperty.PG_HOST.getOrDefault(read);
    if (host.contains(",")) {
      throw new IllegalArgumentException(
          "The PostgreSQL URL must name one host, because roles are created on one server");
    }
    return new GivenServer(
        host,
        Integer.parseInt(PGProperty.PG_PORT.getOrDefault(read)),
        PGProperty.PG_DBNAME.getOrDefault(read),
        user,
        password);
  }

  /** Leaves the server running, since it was not started here. */
  @Override
  public void close() {}

  /** Without the password. */
  @Override
  public String toString() {
    return superuser + "@" + host + ":" + port + "/" + database;
  }
}
