package io.keyturn.bench.measure;

import io.keyturn.local.postgres.EmbeddedServer;
import java.util.regex.Pattern;

/** Counts the logins of users in PostgreSQL's log. */
public final class LoginCount {
  private final EmbeddedServer server;
  private final Pattern accepted;
  private final Pattern refused;

  /**
   * @param users a regular expression
   */
  public LoginCount(EmbeddedServer server, String users) {
    this.server = server;
    accepted = Pattern.compile("connection authorized: user=(?:" + users + ") ");
    refused = Pattern.compile("authentication failed for user \"(?:" + users + ")\"");
  }

  /** Returns the number of logins since the server's start. */
  public Logins now() {
    String log = server.log();
    return new Logins(
        accepted.matcher(log).results().count(), refused.matcher(log).results().count());
  }

  /** Logins that the server let in, and those that it did not. */
  public record Logins(long accepted, long refused) {
    public Logins since(Logins earlier) {
      return new Logins(accepted - earlier.accepted, refused - earlier.refused);
    }
  }
}
