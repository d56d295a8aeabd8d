package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.testing.TestAuthority;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TlsPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Secrets Manager JDBC wrapper leaves of the driver's verification of the server. */
@Tag("server")
class TlsTest {
  @Test
  void queriesOverTlsAndOnlyWhereTheCertificateIsRight(@TempDir Path folder) throws Exception {
    TestAuthority authority = new TestAuthority();
    Path authorities = Files.writeString(folder.resolve("authorities.pem"), authority.pem());
    Map<String, String> environment =
        Map.of("PGSSLROOTCERT", authorities.toString(), "CONNECTION_MAX_AGE_SECONDS", "0");
    try (TlsPostgres server = new TlsPostgres();
        QueriedDatabase database =
            new QueriedDatabase(TestDatabase.create(server.postgres(), "tls"), environment)) {
      String host = server.postgres().host();
      database.put(database.json(database.role.password()).put("ssl", true).toString());

      server.show(authority.issue(host));
      assertThat(
              database
                  .value("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                  .get("booleanValue")
                  .booleanValue())
          .isTrue();

      server.show(authority.issueExpired(host));
      assertThat(catchThrowable(database::backend))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContainingAll(database.arn, host, "validity check failed", "PGSSLROOTCERT");
      server.show(authority.issue("db.example.com"));
      assertThat(catchThrowable(database::backend))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContainingAll(
              database.arn, host, "could not be verified", "is for another name");
    }
  }
}
