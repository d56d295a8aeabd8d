package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.consumer.QueryException.BadRequestException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.rdsdata.RdsDataClient;

/** Clients that put every query into a transaction, as SQLAlchemy's dialect does. */
class TransactionRequestTest {
  private static final String CLUSTER = "arn:aws:rds:us-east-1:000000000000:cluster:none";

  @Test
  void aTransactionThatOnlyReadsCanBeBegunAndEnded() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase();
        DataApiEndpoint endpoint = new DataApiEndpoint(database)) {
      RdsDataClient client = endpoint.client;
      for (String end : new String[] {"commit", "rollback"}) {
        String id =
            client
                .beginTransaction(r -> r.resourceArn(CLUSTER).secretArn(database.arn))
                .transactionId();
        assertThat(id).isNotBlank();
        for (String sql : new String[] {"SET TRANSACTION READ ONLY", "SELECT 1"}) {
          assertThat(
                  client
                      .executeStatement(
                          r ->
                              r.resourceArn(CLUSTER)
                                  .secretArn(database.arn)
                                  .transactionId(id)
                                  .sql(sql))
                      .numberOfRecordsUpdated())
              .isZero();
        }
        String status =
            end.equals("commit")
                ? client
                    .commitTransaction(
                        r -> r.resourceArn(CLUSTER).secretArn(database.arn).transactionId(id))
                    .transactionStatus()
                : client
                    .rollbackTransaction(
                        r -> r.resourceArn(CLUSTER).secretArn(database.arn).transactionId(id))
                    .transactionStatus();
        assertThat(status).isEqualTo("Transaction ended");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceArn\":\"c\",\"secretArn\":\"s\"}",
        "{\"resourceArn\":\"c\",\"secretArn\":\"s\",\"database\":\"d\",\"schema\":\"x\"}",
        "{\"resourceArn\":\"c\",\"secretArn\":\"s\",\"transactionId\":\"t\"}",
        "{\"sql\":\"SELECT 1\",\"transactionId\":\"t\"}"
      })
  void aTransactionThatMayWriteIsRefusedForWhatItIs(String request) throws Exception {
    try (QueriedDatabase database = new QueriedDatabase(Map.of("ALLOW_WRITES", "true"))) {
      assertThatThrownBy(() -> database.answer(request))
          .isInstanceOf(BadRequestException.class)
          .hasMessageStartingWith(
              "Transactions (BeginTransaction, CommitTransaction, RollbackTransaction) are not supported")
          .hasMessageContaining("parameterSets");
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void aStatementWithoutItsSqlIsNoTransaction(boolean writes) throws Exception {
    try (QueriedDatabase database =
        new QueriedDatabase(Map.of("ALLOW_WRITES", String.valueOf(writes)))) {
      for (String request :
          new String[] {
            "{}",
            "{\"secretArn\":\"s\"}",
            "{\"resourceArn\":\"c\",\"secretArn\":\"s\",\"SQL\":\"SELECT 1\"}",
            "{\"resourceArn\":\"c\",\"secretArn\":\"s\",\"parameters\":[]}",
            "{\"resourceArn\":\"c\",\"secretArn\":\"s\",\"sql\":\"\"}"
          }) {
        assertThatThrownBy(() -> database.answer(request))
            .as(request)
            .isInstanceOf(BadRequestException.class)
            .hasMessageContaining("\"sql\" is missing");
      }
    }
  }
}
