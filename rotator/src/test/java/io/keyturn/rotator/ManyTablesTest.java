package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.testing.TestContext;
import io.keyturn.testing.TestSql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A database of many tables. The system property {@code keyturn.tables} says of how many; how long
 * its rotations take is printed, not asserted.
 */
@Tag("slow")
class ManyTablesTest {
  private static final int TABLES = Integer.getInteger("keyturn.tables", 400);
  private static final int SCHEMAS = Math.max(1, TABLES / 20);

  @Test
  void whatIsGrantedOnManyTablesIsHandedOver() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      create(secret, "GRANT SELECT ON s%1$d.t%2$d TO " + secret.app.quoted());
      System.out.printf(
          "%d tables in %d schemas, rotations: first %d ms, later %d ms",
          TABLES, SCHEMAS, rotation(secret), rotation(secret));
      forEachTable(secret, "GRANT INSERT ON s%1$d.t%2$d TO " + secret.quotedTwin());
      System.out.printf(
          ", with a grant to the twin on each %d ms, after that %d ms%n",
          rotation(secret), rotation(secret));
      secret.asCurrent("INSERT INTO s0.t0 VALUES (1)");
    }
  }

  @Test
  void manyTablesOfTheTwinAreHandedOver() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.leaveAsAwsTemplateDoes();
      create(secret, "ALTER TABLE s%1$d.t%2$d OWNER TO " + secret.quotedTwin());
      System.out.printf(
          "%d tables that the twin owns, rotations: first %d ms, later %d ms%n",
          TABLES, rotation(secret), rotation(secret));
      secret.asCurrent("INSERT INTO s0.t0 VALUES (1)");
    }
  }

  private static void create(AlternatingSecret secret, String grant) throws SQLException {
    try (Connection connection = secret.database.superuser()) {
      TestSql.execute(connection, "SET log_statement = none");
      for (int schema = 0; schema < SCHEMAS; schema++) {
        TestSql.execute(
            connection,
            "CREATE SCHEMA s%1$d; ALTER SCHEMA s%1$d OWNER TO %2$s; GRANT USAGE ON SCHEMA s%1$d TO %3$s; GRANT CREATE ON SCHEMA s%1$d TO %3$s"
                .formatted(schema, secret.admin.quoted(), secret.app.quoted()));
        for (int table = 0; table < 20; table++) {
          TestSql.execute(
              connection,
              ("CREATE TABLE s%1$d.t%2$d (a int); ALTER TABLE s%1$d.t%2$d OWNER TO "
                      + secret.admin.quoted()
                      + "; "
                      + grant)
                  .formatted(schema, table));
        }
      }
    }
  }

  private static void forEachTable(AlternatingSecret secret, String sql) throws SQLException {
    try (Connection connection = secret.database.superuser()) {
      TestSql.execute(connection, "SET log_statement = none");
      for (int schema = 0; schema < SCHEMAS; schema++) {
        for (int table = 0; table < 20; table++) {
          TestSql.execute(connection, sql.formatted(schema, table));
        }
      }
    }
  }

  private static long rotation(AlternatingSecret secret) {
    long start = System.nanoTime();
    secret.begin();
    for (String step : List.of("createSecret", "setSecret", "testSecret", "finishSecret")) {
      // Making the tables may have taken longer than a function has.
      TestContext context = new TestContext();
      secret.step(step, context);
      assertThat(context.log()).noneMatch(line -> line.contains("could be handed over"));
    }
    return Duration.ofNanos(System.nanoTime() - start).toMillis();
  }
}
