package io.keyturn.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

class JdbcTest {
  @ParameterizedTest
  @CsvSource({
    "db.example.com, shop, db.example.com, shop",
    "10.0.0.1, a b, 10.0.0.1, a b",
    "::1, pl+us, [::1], pl+us",
    "db, '?user=x&a=b', db, '?user=x&a=b'",
    "db, 'da\u00f1o/1', db, 'da\u00f1o/1'"
  })
  void theDriverReadsTheUrlBackAsItWasMeant(
      String host, String database, String readHost, String readDatabase) {
    DatabaseSecret secret =
        DatabaseSecret.parse(
            "{\"host\":\"%s\",\"port\":7000,\"dbname\":\"%s\",\"username\":\"u\",\"password\":\"p\"}"
                .formatted(host, database),
            "a secret");

    var read = Driver.parseURL("jdbc:" + Jdbc.url(secret), null);

    assertThat(PGProperty.PG_HOST.getOrDefault(read)).isEqualTo(readHost);
    assertThat(PGProperty.PG_PORT.getOrDefault(read)).isEqualTo("7000");
    assertThat(PGProperty.PG_DBNAME.getOrDefault(read)).isEqualTo(readDatabase);
    assertThat(read).doesNotContainKey("user");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "999, 1", "1000, 1", "1001, 2"})
  void noWaitIsRoundedToTheZeroThatMeansForever(long millis, String seconds) {
    Deadline deadline = Deadline.in(Duration.ofMinutes(1));
    var properties = Jdbc.properties("x", Duration.ofMillis(millis), deadline);

    assertThat(PGProperty.SOCKET_TIMEOUT.getOrDefault(properties)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @CsvSource({"60000, 15", "1500, 1.5"})
  void theLoginEndsBeforeTheDeadline(long left, double atMost) {
    Deadline deadline = Deadline.in(Duration.ofMillis(left));
    var properties = Jdbc.properties("x", Duration.ofSeconds(10), deadline);

    assertThat(Double.parseDouble(PGProperty.LOGIN_TIMEOUT.getOrDefault(properties)))
        .isPositive()
        .isLessThanOrEqualTo(atMost);
  }
}
