package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretResponse;

class UpdateSecretTest {
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
  void detailsChangeWithoutANewVersion() {
    DescribeSecretResponse before = fixture.client.describeSecret(r -> r.secretId("db"));

    UpdateSecretResponse updated =
        fixture.client.updateSecret(
            r -> r.secretId("db").description("the database").kmsKeyId("alias/key"));

    assertThat(updated.arn()).isEqualTo(before.arn());
    assertThat(updated.name()).isEqualTo("db");
    assertThat(updated.versionId()).isNull();
    DescribeSecretResponse after = fixture.client.describeSecret(r -> r.secretId("db"));
    assertThat(after.description()).isEqualTo("the database");
    assertThat(after.kmsKeyId()).isEqualTo("alias/key");
    assertThat(after.lastChangedDate()).isAfter(before.lastChangedDate());
    assertThat(after.versionIdsToStages()).containsOnlyKeys(first);
  }

  @Test
  void anEmptyKeyIsTheAccountsOwn() {
    fixture.client.updateSecret(r -> r.secretId("db").kmsKeyId("alias/key"));
    fixture.client.updateSecret(r -> r.secretId("db").kmsKeyId(""));

    assertThat(fixture.client.describeSecret(r -> r.secretId("db")).kmsKeyId()).isNull();
  }

  @Test
  void aNewValueBecomesCurrent() {
    String token = token();

    assertThat(
            fixture
                .client
                .updateSecret(r -> r.secretId("db").clientRequestToken(token).secretString("two"))
                .versionId())
        .isEqualTo(token);

    assertThat(fixture.labels("db").get(token)).containsExactly("AWSCURRENT");
    assertThat(fixture.labels("db").get(first)).containsExactly("AWSPREVIOUS");
  }

  @Test
  void aReusedTokenNeedsTheSameContent() {
    assertThat(
            fixture
                .client
                .updateSecret(r -> r.secretId("db").clientRequestToken(first).secretString("one"))
                .versionId())
        .isEqualTo(first);
    assertError(
        "ResourceExistsException",
        "You can't use ClientRequestToken "
            + first
            + " because that value is already in use for a version of secret "
            + fixture.client.describeSecret(r -> r.secretId("db")).arn()
            + ".",
        () ->
            fixture.client.updateSecret(
                r ->
                    r.secretId("db")
                        .clientRequestToken(first)
                        .secretString("two")
                        .description("not changed either")));
    assertThat(fixture.client.describeSecret(r -> r.secretId("db")).description()).isNull();
  }

  @Test
  void aDeletedSecretIsNotChanged() {
    fixture.client.deleteSecret(r -> r.secretId("db"));

    assertError(
        "InvalidRequestException",
        "You can't perform this operation on the secret because it was marked for deletion.",
        () -> fixture.client.updateSecret(r -> r.secretId("db").description("x")));
  }

  @Test
  void aDescriptionHasUpTo2048Characters() {
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'description' failed to satisfy constraint: Member"
            + " must have length less than or equal to 2048",
        () -> fixture.client.updateSecret(r -> r.secretId("db").description("d".repeat(2049))));
  }
}
