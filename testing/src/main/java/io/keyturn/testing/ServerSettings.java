package io.keyturn.testing;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of every server that tests start. No value has a character that a shell reads. */
final class ServerSettings {
  private ServerSettings() {}

  static Map<String, String> all() {
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
}
