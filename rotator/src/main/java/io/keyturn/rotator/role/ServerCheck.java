package io.keyturn.rotator.role;

import io.keyturn.rotator.check.CheckReport;
import io.keyturn.rotator.check.Code;
import io.keyturn.rotator.check.Level;
import java.sql.SQLException;

/** Describes the server that a session is on. */
public final class ServerCheck {
  private ServerCheck() {}

  /**
   * Adds version and TLS, and refuses a server on which no password can be changed.
   *
   * @param session in a read-only transaction
   */
  public static void run(Session session, CheckReport report) throws SQLException {
    String[] server =
        session
            .rows(
                """
                SELECT current_setting('server_version'), pg_is_in_recovery()::text,
                       (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid())
                """)
            .get(0);
    report.fact("serverVersion", server[0]);
    report.fact("tls", server[2] == null ? "none" : server[2]);
    if (server[1].equals("true")) {
      report.add(
          Level.BLOCKS,
          Code.READ_ONLY_SERVER,
          "the server is a replica, on which no password can be changed: put the writer's host into the secret, or name the secret of an admin at the writer in \"masterarn\"",
          null);
    }
  }
}
