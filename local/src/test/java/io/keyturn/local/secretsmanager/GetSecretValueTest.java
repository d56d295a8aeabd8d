package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.filter;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.BatchGetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.GetSecretValueResponse;
import software.amazon.awssdk.services.secretsmanager.model.SecretValueEntry;

class GetSecretValueTest {
  private final Fixture fixture = new Fixture();
  private String first;
  private String second;

  @BeforeEach
  void createSecret() {
    first = fixture.create("db", "one");
    second = fixture.put("db", "two");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void theCurrentVersionIsTheDefault() {
    GetSecretValueResponse got = fixture.client.getSecretValue(r -> r.secretId("db"));

    assertThat(got.name()).isEqualTo("db");
    assertThat(got.arn()).contains(":secret:db-");
    assertThat(got.versionId()).isEqualTo(second);
    assertThat(got.secretString()).isEqualTo("two");
    assertThat(got.versionStages()).containsExactly("AWSCURRENT");
    assertThat(got.createdDate()).isBetween(Instant.now().minusSeconds(60), Instant.now());
  }

  @Test
  void aVersionIsFoundByItsIdOrByALabelOrByBoth() {
    assertThat(fixture.client.getSecretValue(r -> r.secretId("db").versionId(first)).secretString())
        .isEqualTo("one");
    assertThat(fixture.value("db", "AWSPREVIOUS")).isEqualTo("one");
    assertThat(
            fixture
                .client
                .getSecretValue(r -> r.secretId("db").versionId(first).versionStage("AWSPREVIOUS"))
                .secretString())
        .isEqualTo("one");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    String unknown = token();
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for VersionId: " + unknown,
        () -> fixture.client.getSecretValue(r -> r.secretId("db").versionId(unknown)));
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
        () -> fixture.value("db", "AWSPENDING"));
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.value("none"));
  }

  @Test
  void anIdAndALabelThatDoNotGoTogetherAreRefused() {
    assertError(
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
        () ->
            fixture.client.getSecretValue(
                r -> r.secretId("db").versionId(first).versionStage("AWSCURRENT")));
  }

  @Test
  void aDeletedSecretIsNotRead() {
    fixture.client.deleteSecret(r -> r.secretId("db"));

    assertError(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
        () -> fixture.value("db"));
  }

  @Test
  void aNameAWholeArnAndAnArnWithoutItsEndAreTheSameSecret() {
    String arn = fixture.client.describeSecret(r -> r.secretId("db")).arn();

    assertThat(fixture.value(arn)).isEqualTo("two");
    assertThat(fixture.value(arn.substring(0, arn.length() - 7))).isEqualTo("two");
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.value(arn.substring(0, arn.length() - 1)));
  }

  @Test
  void aNameThatEndsLikeAnArnIsNotFoundByPartialArn() {
    fixture.create("db-abc123", "three");
    String arn = fixture.client.describeSecret(r -> r.secretId("db-abc123")).arn();

    assertThat(fixture.value("db-abc123")).isEqualTo("three");
    assertThat(fixture.value(arn)).isEqualTo("three");
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
        () -> fixture.value(arn.substring(0, arn.length() - 7)));
  }

  @Test
  void theDayOfTheLastReadIsKept() {
    fixture.create("unread", "x");
    assertThat(fixture.client.describeSecret(r -> r.secretId("unread")).lastAccessedDate())
        .isNull();

    fixture.value("unread");

    assertThat(fixture.client.describeSecret(r -> r.secretId("unread")).lastAccessedDate())
        .isEqualTo(Instant.now().truncatedTo(ChronoUnit.DAYS));
  }

  @Test
  void aBatchHasTheValuesItFindsAndTheErrorsOfTheOthers() {
    fixture.create("gone", "x");
    fixture.client.deleteSecret(r -> r.secretId("gone"));

    BatchGetSecretValueResponse batch =
        fixture.client.batchGetSecretValue(r -> r.secretIdList("db", "none", "gone"));

    assertThat(batch.secretValues())
        .singleElement()
        .satisfies(
            value -> {
              assertThat(value.name()).isEqualTo("db");
              assertThat(value.secretString()).isEqualTo("two");
              assertThat(value.versionId()).isEqualTo(second);
              assertThat(value.versionStages()).containsExactly("AWSCURRENT");
            });
    assertThat(batch.errors())
        .extracting(error -> error.secretId() + " " + error.errorCode())
        .containsExactly("none ResourceNotFoundException", "gone InvalidRequestException");
  }

  @Test
  void aBatchByFiltersComesInPages() {
    for (int i = 0; i < 5; i++) {
      fixture.create("app/" + i, "value " + i);
    }

    assertThat(
            fixture
                .client
                .batchGetSecretValuePaginator(r -> r.maxResults(2).filters(filter("name", "app/")))
                .stream()
                .flatMap(page -> page.secretValues().stream()))
        .extracting(SecretValueEntry::secretString)
        .containsExactly("value 0", "value 1", "value 2", "value 3", "value 4");
  }

  @Test
  void aBatchIsByListOrByFilters() {
    assertError(
        "InvalidParameterException",
        "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
        () -> fixture.client.batchGetSecretValue(r -> r.maxResults(1)));
    assertError(
        "InvalidParameterException",
        "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
        () ->
            fixture.client.batchGetSecretValue(
                r -> r.secretIdList("db").filters(filter("name", "db"))));
    assertError(
        "InvalidParameterException",
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
        () -> fixture.client.batchGetSecretValue(r -> r.secretIdList("db").maxResults(1)));
  }
}
