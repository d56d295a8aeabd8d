package io.keyturn.testing;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A running server: its address, its superuser and its log.
 *
 * @param origin how it was started, for the line that says which server the tests use
 */
record PostgresServer(String origin, String host, int port, String user, String password, Log log) {

  /** A server's log. */
  interface Log {
    /** The whole log up to now. */
    String read() throws SQLException;
  }

  /** What both servers that tests start are set to; no value has a character a shell reads. */
  static Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("log_statement", "all");
    settings.put("log_min_error_statement", "error");
    settings.put("log_connections", "on");
    settings.put("password_encryption", "scram-sha-256");
    settings.put("max_connections", "200");
    settings.put("max_prepared_transactions", "10");
    // The data of a test need not survive a crash.
    settings.put("fsync", "off");
    settings.put("synchronous_commit", "off");
    settings.put("full_page_writes", "off");
    return settings;
  }

  /**
   * Returns a new password of a superuser. It occurs nowhere else, so that a search for it finds
   * only leaks.
   */
  static String newPassword() {
    return UUID.randomUUID().toString();
  }

  @Override
  public String toString() {
    return "PostgreSQL at %s:%d (%s)".formatted(host, port, origin);
  }
}
