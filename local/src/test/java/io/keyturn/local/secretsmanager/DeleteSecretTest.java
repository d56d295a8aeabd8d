package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.keyturn.local.support.LocalClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.secretsmanager.model.DeleteSecretResponse;

class DeleteSecretTest {
  private static final String MARKED =
      "You can't perform this operation on the secret because it was marked for deletion.";

  private final Fixture fixture = new Fixture();

  @BeforeEach
  void createSecret() {
    fixture.create("db", "one");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static void assertDaysFromNow(Instant time, int days) {
    assertThat(Duration.between(Instant.now(), time))
        .isBetween(Duration.ofDays(days).minusMinutes(1), Duration.ofDays(days));
  }

  @Test
  void aSecretCanBeRecoveredFor30Days() {
    DeleteSecretResponse deleted = fixture.client.deleteSecret(r -> r.secretId("db"));

    assertThat(deleted.name()).isEqualTo("db");
    assertDaysFromNow(deleted.deletionDate(), 30);
    assertThat(fixture.client.describeSecret(r -> r.secretId("db")).deletedDate())
        .isEqualTo(deleted.deletionDate());

    fixture.client.restoreSecret(r -> r.secretId("db"));

    assertThat(fixture.client.describeSecret(r -> r.secretId("db")).deletedDate()).isNull();
    assertThat(fixture.value("db")).isEqualTo("one");
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 30})
  void theWindowIsOf7To30Days(int days) {
    assertDaysFromNow(
        fixture
            .client
            .deleteSecret(r -> r.secretId("db").recoveryWindowInDays((long) days))
            .deletionDate(),
        days);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 6, 31})
  void otherWindowsAreRefused(long days) {
    assertError(
        "InvalidParameterException",
        "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        () -> fixture.client.deleteSecret(r -> r.secretId("db").recoveryWindowInDays(days)));
  }

  @Test
  void byForceASecretGoesAtOnce() {
    fixture.client.deleteSecret(r -> r.secretId("db").forceDeleteWithoutRecovery(true));

    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.value("db"));
    fixture.create("db", "a new one");
  }

  @Test
  void forceSucceedsOnWhatIsMissingOrAlreadyDeleted() {
    DeleteSecretResponse missing =
        fixture.client.deleteSecret(r -> r.secretId("none").forceDeleteWithoutRecovery(true));
    assertThat(missing.name()).isEqualTo("none");
    assertThat(missing.arn()).contains(":secret:none-");
    assertThat(missing.deletionDate()).isNotNull();

    fixture.client.deleteSecret(r -> r.secretId("db"));
    fixture.client.deleteSecret(r -> r.secretId("db").forceDeleteWithoutRecovery(true));
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.client.restoreSecret(r -> r.secretId("db")));
  }

  @Test
  void forceAndAWindowExcludeEachOther() {
    assertError(
        "InvalidParameterException",
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        () ->
            fixture.client.deleteSecret(
                r -> r.secretId("db").forceDeleteWithoutRecovery(true).recoveryWindowInDays(7L)));
  }

  @Test
  void onlySomeOperationsWorkOnADeletedSecret() {
    fixture.client.deleteSecret(r -> r.secretId("db"));

    assertError(
        "InvalidRequestException",
        MARKED,
        () -> fixture.client.deleteSecret(r -> r.secretId("db")));
    assertError("InvalidRequestException", MARKED, () -> fixture.put("db", "two"));
    assertError(
        "InvalidRequestException",
        MARKED,
        () ->
            fixture.client.rotateSecret(r -> r.secretId("db").rotationLambdaARN(Fixture.FUNCTION)));
    assertError(
        "InvalidRequestException",
        MARKED,
        () -> fixture.client.cancelRotateSecret(r -> r.secretId("db")));
    assertError(
        "InvalidRequestException",
        MARKED,
        () ->
            fixture.client.updateSecretVersionStage(
                r -> r.secretId("db").versionStage("blue").moveToVersionId(token())));
    fixture.client.describeSecret(r -> r.secretId("db"));
  }

  @Test
  void afterTheWindowTheSecretIsGone() {
    try (Fixture fast =
        new Fixture(LocalClock.passing(Duration.ofDays(30), Duration.ofMillis(1)))) {
      fast.create("db", "one");
      fast.client.deleteSecret(r -> r.secretId("db").recoveryWindowInDays(7L));

      await()
          .until(
              () ->
                  fast.client
                      .listSecrets(r -> r.includePlannedDeletion(true))
                      .secretList()
                      .isEmpty());
    }
  }

  @Test
  void aSecretThatIsNotThereIsNotFound() {
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.client.deleteSecret(r -> r.secretId("none")));
  }
}
