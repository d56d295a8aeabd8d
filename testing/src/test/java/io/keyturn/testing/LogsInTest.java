package io.keyturn.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.postgres.GivenServer;
import io.keyturn.local.postgres.PostgresServer;
import io.keyturn.testing.wire.Wire;
import io.keyturn.testing.wire.Wire.Verdict;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whether a server lets a user in, asked while it goes down. */
@Tag("server")
class LogsInTest {
  private static final Set<String> LOGIN = Set.of("ask for TLS", "log in", "authenticate");

  @Test
  void aServerThatDiesAfterTheLoginHasLetTheUserIn() throws Exception {
    TestPostgres postgres = TestPostgres.shared();
    try (Wire wire =
        postgres.wire(request -> isOfLogin(request) ? Verdict.PASS : Verdict.LOSE_REQUEST)) {
      PostgresServer server =
          new GivenServer("127.0.0.1", wire.port(), "postgres", "unused", "unused");

      assertThat(server.logsIn(postgres.superuserName(), postgres.superuserPassword())).isTrue();
      assertThat(server.logsIn(postgres.superuserName(), "wrong")).isFalse();
    }
  }

  /** The driver sets a few things up before it hands the connection out. */
  private static boolean isOfLogin(String request) {
    return LOGIN.contains(request) || request.startsWith("SET ");
  }
}
