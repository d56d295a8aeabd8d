package io.keyturn.bench.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ServerLogTest {
  private static final String LOG =
      """
      2026-11-23 09:00:00.000 UTC [1] LOG:  database system is ready to accept connections
      2026-11-23 09:00:01.000 UTC [11] LOG:  connection received: host=127.0.0.1 port=50000
      2026-11-23 09:00:01.010 UTC [11] LOG:  connection authorized: user=app_0 database=postgres
      2026-11-23 09:00:01.020 UTC [12] LOG:  connection received: host=127.0.0.1 port=50001
      2026-11-23 09:00:01.030 UTC [12] FATAL:  password authentication failed for user "app_1"
      2026-11-23 09:00:01.040 UTC [13] LOG:  connection received: host=127.0.0.1 port=50002
      2026-11-23 09:00:01.050 UTC [13] FATAL:  sorry, too many clients already
      2026-11-23 09:00:01.060 UTC [11] ERROR:  tuple concurrently updated
      2026-11-23 09:00:01.070 UTC [11] LOG:  disconnection: session time: 0:00:00.070
      2026-11-23 09:00:01.080 UTC [14] LOG:  connection received: host=127.0.0.1 port=50003
      """;

  @Test
  void countsConnectionsFromTheFirstLineOfEachToItsLast() {
    ServerLog log = new ServerLog(LOG);
    assertThat(log.mostConnections()).isEqualTo(2);
    assertThat(log.logins()).isEqualTo(1);
    assertThat(log.turnedAway()).isEqualTo(1);
    assertThat(log.concurrentUpdates()).isEqualTo(1);
  }

  @Test
  void tellsWhatWasLoggedSince() {
    int half = LOG.indexOf("2026-11-23 09:00:01.040");
    ServerLog later = new ServerLog(LOG).since(new ServerLog(LOG.substring(0, half)));
    assertThat(later.logins()).isZero();
    assertThat(later.turnedAway()).isEqualTo(1);
  }
}
