package io.keyturn.rotator.role;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.PostgresLogin;
import io.keyturn.postgres.TlsPolicy;
import io.keyturn.rotator.invocation.Invocation;
import io.keyturn.rotator.invocation.RotationEvent;
import io.keyturn.rotator.invocation.Step;
import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A transaction leaves nothing behind, and its failure is the error that is reported. */
@Tag("every-postgres")
class SessionTest {
  private TestDatabase database;
  private TestRole base;
  private TestRole twin;

  @BeforeEach
  void createATwinThatRunsAsItsBase() throws SQLException {
    database = TestDatabase.create();
    base = database.createRole("base");
    twin = database.createRole("twin");
    database.run(
        "GRANT %1$s TO %2$s; ALTER ROLE %2$s SET role = %1$s"
            .formatted(base.quoted(), twin.quoted()));
  }

  @AfterEach
  void drop() throws SQLException {
    database.close();
  }

  private Session open(TestRole role) throws SQLException {
    DatabaseSecret login =
        DatabaseSecret.parse(
            "{\"host\":\"%s\",\"port\":%d,\"dbname\":\"%s\",\"username\":\"%s\",\"password\":\"%s\"}"
                .formatted(
                    database.postgres().host(),
                    database.postgres().port(),
                    database.name(),
                    role.name(),
                    role.password()),
            "the test's secret");
    return Session.open(
        new PostgresLogin("keyturn-rotator", new TlsPolicy(true, null), Session.ANSWER_TIMEOUT),
        login,
        new Invocation(
            new RotationEvent(Step.SET_SECRET, "secret", "token", null), new TestContext()));
  }

  @Test
  void aTransactionRunsAsTheRoleThatLoggedInAndLeavesTheSessionAsItWas() throws Exception {
    try (Session session = open(twin)) {
      String inTransaction =
          session.transaction(() -> session.rows("SELECT current_user").get(0)[0]);
      assertThat(inTransaction).isEqualTo(twin.name());
      session.readOnly(
          () -> {
            assertThat(session.rows("SELECT current_user").get(0)[0]).isEqualTo(base.name());
            // Ends what was set for the transaction alone: what is still set was set for longer.
            session.execute("ROLLBACK");
            List<String[]> left =
                session.rows(
                    """
                    SELECT name || ' = ' || setting FROM pg_settings
                    WHERE source = 'session' AND name NOT IN ('transaction_isolation', 'transaction_read_only')
                    """);
            assertThat(left).isEmpty();
          });
    }
  }

  @Test
  void theErrorIsThatOfTheStatementEvenWhereTheRollbackFailsToo() throws Exception {
    try (Session session = open(twin)) {
      Throwable failure =
          catchThrowable(
              () ->
                  session.transaction(
                      () -> session.execute("SELECT pg_terminate_backend(pg_backend_pid())")));

      assertThat(failure).hasMessageContainingAll("terminating connection", "57P01");
      assertThat(failure.getSuppressed())
          .singleElement()
          .satisfies(second -> assertThat(second).hasMessageContaining("closed"));
    }
  }

  @Test
  void theErrorIsThatOfTheStatementInATransactionThatIsRolledBack() throws Exception {
    try (Session session = open(base)) {
      Throwable failure =
          catchThrowable(
              () ->
                  session.transaction(
                      () -> {
                        session.execute("CREATE TEMPORARY TABLE t (a int)");
                        session.execute("SELECT 1 / 0");
                      }));

      assertThat(failure).hasMessageContainingAll("division by zero", "22012");
      assertThat(session.transaction(() -> session.rows("SELECT to_regclass('pg_temp.t')")).get(0))
          .containsExactly((String) null);
    }
  }
}
