package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.keyturn.consumer.QueryException.DatabaseUnavailableException;
import io.keyturn.consumer.QueryException.SecretsErrorException;
import java.net.ServerSocket;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the function gets, keeps and replaces its connection. */
@Tag("server")
class ConnectionTest {
  @Test
  void keepsOneConnectionBetweenInvocations() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      long backend = database.backend();
      database.secretsManager.service().requests().clear();

      assertThat(database.backend()).isEqualTo(backend);
      assertThat(database.secretsManager.service().requests().all()).isEmpty();
    }
  }

  @Test
  void makesANewConnectionWhenTheOldOneIsTooOld() throws Exception {
    try (QueriedDatabase database =
        new QueriedDatabase(Map.of("CONNECTION_MAX_AGE_SECONDS", "0"))) {
      assertThat(database.backend()).isNotEqualTo(database.backend());
    }
  }

  @Test
  void replacesAConnectionThatTheServerClosed() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      long backend = database.backend();
      database.database.run("SELECT pg_terminate_backend(" + backend + ")");

      assertThat(database.backend()).isNotEqualTo(backend);
    }
  }

  @Test
  void logsInAfterARotationThatHasFinished() throws Exception {
    try (QueriedDatabase database =
        new QueriedDatabase(Map.of("CONNECTION_MAX_AGE_SECONDS", "0"))) {
      database.backend();
      String password = UUID.randomUUID().toString();
      database.setDatabasePassword(password);
      database.put(database.json(password).toString());

      assertThat(database.backend()).isPositive();
    }
  }

  @Test
  void logsInAtEveryMomentOfOneRotationAfterAnother() throws Exception {
    try (QueriedDatabase database =
        new QueriedDatabase(Map.of("CONNECTION_MAX_AGE_SECONDS", "0"))) {
      for (int rotation = 1; rotation <= 3; rotation++) {
        database.backend();
        String token = database.secretsManager.startRotation(database.arn);
        String password = UUID.randomUUID().toString();
        assertThat(database.backend()).as("before createSecret").isPositive();
        database.putPending(token, password);
        assertThat(database.backend()).as("before setSecret").isPositive();
        database.setDatabasePassword(password);
        assertThat(database.backend()).as("before finishSecret").isPositive();
        assertThat(database.backend()).as("before finishSecret, again").isPositive();
        database.makeCurrent(token);
      }
      assertThat(database.backend()).as("after the last one").isPositive();
    }
  }

  @Test
  void tellsAWrongPasswordAtOnceAndWithoutIt() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      database.setDatabasePassword("another-one");
      String labels = database.secretsManager.labels(database.arn).toString();

      Throwable failure = catchThrowable(database::backend);

      assertThat(failure)
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContainingAll(database.arn, database.role.name(), "28P01");
      assertThat(failure).hasStackTraceContaining("28P01");
      assertThat(failure.getMessage()).doesNotContain(database.role.password());
      // AWSCURRENT, again, AWSPENDING, AWSPREVIOUS, and AWSCURRENT once more.
      assertThat(database.secretsManager.service().requests().count("GetSecretValue"))
          .isLessThanOrEqualTo(5);
      assertThat(database.secretsManager.labels(database.arn)).hasToString(labels);
    }
  }

  @Test
  void logsInAgainOnceTheSecretIsMended() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      database.put(
          database.json(database.role.password()).put("dbname", "no_such_database").toString());
      assertThat(catchThrowable(database::backend))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContainingAll("3D000", "no_such_database");
      database.put(database.json(database.role.password()).toString());

      await()
          .ignoreExceptionsInstanceOf(DatabaseUnavailableException.class)
          .until(() -> database.backend() > 0);
    }
  }

  @Test
  void reportsThatTheDatabaseIsDown() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    try (QueriedDatabase database = new QueriedDatabase()) {
      database.put(database.json(database.role.password()).put("port", free).toString());

      assertThat(catchThrowable(database::backend))
          .isInstanceOf(DatabaseUnavailableException.class)
          .hasMessageContainingAll(":" + free, "08001", database.arn);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"in-the-clear", "{\"username\":\"app\",\"password\":\"in-the-clear\"}"})
  void reportsThatTheSecretIsNoDatabaseSecret(String value) throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      database.put(value);

      assertThat(catchThrowable(database::backend))
          .isInstanceOf(SecretsErrorException.class)
          .hasMessageContaining(database.arn)
          .hasMessageNotContaining("in-the-clear");
    }
  }

  @Test
  void reportsThatTheSecretCannotBeRead() throws Exception {
    try (QueriedDatabase database = new QueriedDatabase()) {
      database
          .secretsManager
          .client()
          .deleteSecret(r -> r.secretId(database.arn).forceDeleteWithoutRecovery(true));

      assertThat(catchThrowable(database::backend))
          .isInstanceOf(SecretsErrorException.class)
          .hasMessageContainingAll(database.arn, "secretsmanager:GetSecretValue");
    }
  }
}
