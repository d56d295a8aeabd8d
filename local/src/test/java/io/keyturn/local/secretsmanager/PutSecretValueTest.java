package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.local.support.LocalClock;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.secretsmanager.model.PutSecretValueResponse;

class PutSecretValueTest {
  private final Fixture fixture = new Fixture();
  private String first;

  @BeforeEach
  void createSecret() {
    first = fixture.create("db", "one");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aNewValueBecomesCurrentAndTheOldOnePrevious() {
    PutSecretValueResponse put =
        fixture.client.putSecretValue(r -> r.secretId("db").secretString("two"));

    assertThat(put.name()).isEqualTo("db");
    assertThat(put.versionStages()).containsExactly("AWSCURRENT");
    assertThat(fixture.labels("db")).containsOnlyKeys(first, put.versionId());
    assertThat(fixture.labels("db").get(first)).containsExactly("AWSPREVIOUS");
    assertThat(fixture.value("db")).isEqualTo("two");
    assertThat(fixture.value("db", "AWSPREVIOUS")).isEqualTo("one");
  }

  @Test
  void previousMovesOnWithEachNewCurrentValue() {
    String second = fixture.put("db", "two");
    String third = fixture.put("db", "three");

    assertThat(fixture.labels("db")).containsOnlyKeys(second, third);
    assertThat(fixture.labels("db").get(second)).containsExactly("AWSPREVIOUS");
  }

  @Test
  void givenLabelsMoveFromOtherVersions() {
    String second = fixture.put("db", "two", "AWSPENDING", "blue");
    String third = fixture.put("db", "three", "AWSPENDING");

    assertThat(fixture.labels("db").get(first)).containsExactly("AWSCURRENT");
    assertThat(fixture.labels("db").get(second)).containsExactly("blue");
    assertThat(fixture.labels("db").get(third)).containsExactly("AWSPENDING");
    assertThat(fixture.value("db")).isEqualTo("one");
  }

  @Test
  void theFirstVersionAlwaysGetsCurrent() {
    fixture.client.createSecret(r -> r.name("empty"));

    String version = fixture.put("empty", "one", "AWSPENDING");

    assertThat(fixture.labels("empty").get(version))
        .containsExactlyInAnyOrder("AWSPENDING", "AWSCURRENT");
  }

  @Test
  void theSameTokenAndContentChangeNothing() {
    String token = token();
    fixture.client.putSecretValue(
        r -> r.secretId("db").clientRequestToken(token).secretString("two"));
    String third = fixture.put("db", "three");

    PutSecretValueResponse again =
        fixture.client.putSecretValue(
            r -> r.secretId("db").clientRequestToken(token).secretString("two"));

    assertThat(again.versionId()).isEqualTo(token);
    assertThat(again.versionStages()).containsExactly("AWSPREVIOUS");
    assertThat(fixture.labels("db").get(third)).containsExactly("AWSCURRENT");
  }

  @Test
  void theSameTokenWithOtherContentIsRefused() {
    String arn = fixture.client.describeSecret(r -> r.secretId("db")).arn();

    assertError(
        "ResourceExistsException",
        "You can't use ClientRequestToken "
            + first
            + " because that value is already in use for a version of secret "
            + arn
            + ".",
        () ->
            fixture.client.putSecretValue(
                r -> r.secretId("db").clientRequestToken(first).secretString("two")));
    assertError(
        "ResourceExistsException",
        "You can't use ClientRequestToken "
            + first
            + " because that value is already in use for a version of secret "
            + arn
            + ".",
        () ->
            fixture.client.putSecretValue(
                r ->
                    r.secretId("db")
                        .clientRequestToken(first)
                        .secretBinary(SdkBytes.fromUtf8String("one"))));
    assertThat(fixture.value("db")).isEqualTo("one");
  }

  @Test
  void aValueWithoutLabelsEndsWhatPendingVersionThereWas() {
    String second = fixture.put("db", "two", "AWSPENDING");
    fixture.client.updateSecretVersionStage(
        r ->
            r.secretId("db")
                .versionStage("AWSCURRENT")
                .moveToVersionId(second)
                .removeFromVersionId(first));
    assertThat(fixture.labels("db").get(second)).contains("AWSPENDING");

    fixture.put("db", "three");

    assertThat(fixture.labels("db").get(second)).containsExactly("AWSPREVIOUS");
    String pending = fixture.put("db", "four", "AWSPENDING");
    fixture.put("db", "five");
    assertThat(fixture.labels("db")).doesNotContainKey(pending);
  }

  @Test
  void aSecretThatDoesNotExistIsNotFound() {
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.put("none", "one"));
  }

  @Test
  void aValueIsNeeded() {
    assertError(
        "InvalidRequestException",
        "You must provide either SecretString or SecretBinary.",
        () -> fixture.client.putSecretValue(r -> r.secretId("db")));
    assertError(
        "InvalidParameterException",
        "You can't specify both a binary secret value and a string secret value in the same"
            + " secret.",
        () ->
            fixture.client.putSecretValue(
                r ->
                    r.secretId("db").secretString("x").secretBinary(SdkBytes.fromUtf8String("x"))));
  }

  @Test
  void aVersionHasUpTo20LabelsOfUpTo256Characters() {
    List<String> twenty = IntStream.range(0, 20).mapToObj(i -> "label" + i).toList();
    String version =
        fixture
            .client
            .putSecretValue(r -> r.secretId("db").secretString("x").versionStages(twenty))
            .versionId();
    assertThat(fixture.labels("db").get(version)).hasSize(20);

    List<String> more = IntStream.range(0, 21).mapToObj(i -> "label" + i).toList();
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'versionStages' failed to satisfy constraint: Member"
            + " must have length less than or equal to 20",
        () ->
            fixture.client.putSecretValue(
                r -> r.secretId("db").secretString("x").versionStages(more)));
    assertError(
        "LimitExceededException",
        "A version can have up to 20 staging labels.",
        () ->
            fixture.client.updateSecretVersionStage(
                r -> r.secretId("db").versionStage("one more").moveToVersionId(version)));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'versionStages' failed to satisfy constraint: Member"
            + " must have length less than or equal to 256",
        () -> fixture.put("db", "x", "l".repeat(257)));
    fixture.put("db", "x", "l".repeat(256));
  }

  @Test
  void aRotationTokenHasItsForm() {
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'rotationToken' failed to satisfy constraint: Member"
            + " must have length greater than or equal to 36",
        () ->
            fixture.client.putSecretValue(
                r -> r.secretId("db").secretString("x").rotationToken("short")));
    fixture.client.putSecretValue(r -> r.secretId("db").secretString("x").rotationToken(token()));
  }

  @Test
  void withinADayNoVersionIsDeleted() {
    for (int i = 0; i < 120; i++) {
      fixture.put("db", "value " + i);
    }

    assertThat(allVersions(fixture)).hasSize(100);
    assertThat(
            fixture
                .client
                .listSecretVersionIdsPaginator(r -> r.secretId("db").includeDeprecated(true))
                .stream()
                .mapToInt(page -> page.versions().size())
                .sum())
        .isEqualTo(121);
  }

  @Test
  void olderVersionsWithoutLabelsAreDeletedDownTo100() {
    try (Fixture fast =
        new Fixture(LocalClock.passing(Duration.ofDays(10), Duration.ofMillis(1)))) {
      fast.create("db", "one");
      String labelled = fast.put("db", "kept", "blue");
      for (int i = 0; i < 120; i++) {
        fast.put("db", "value " + i);
      }

      assertThat(allVersions(fast)).hasSize(100);
      assertThat(fast.labels("db").get(labelled)).containsExactly("blue");
      assertThat(fast.value("db")).isEqualTo("value 119");
    }
  }

  /** One page, which is at most 100. */
  private static List<?> allVersions(Fixture fixture) {
    return fixture
        .client
        .listSecretVersionIds(r -> r.secretId("db").includeDeprecated(true))
        .versions();
  }
}
