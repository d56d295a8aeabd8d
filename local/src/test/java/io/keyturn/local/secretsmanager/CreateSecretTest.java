package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.secretsmanager.model.CreateSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.ReplicaRegionType;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

class CreateSecretTest {
  private static final String INVALID_NAME =
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the"
          + " following: -/_+=.@!";

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void theTokenBecomesTheIdOfTheCurrentVersion() {
    String token = token();

    CreateSecretResponse created =
        fixture.client.createSecret(
            r -> r.name("db").clientRequestToken(token).secretString("one"));

    assertThat(created.name()).isEqualTo("db");
    assertThat(created.arn())
        .matches("arn:aws:secretsmanager:us-east-1:000000000000:secret:db-[A-Za-z0-9]{6}");
    assertThat(created.versionId()).isEqualTo(token);
    assertThat(fixture.labels("db")).containsOnlyKeys(token);
    assertThat(fixture.labels("db").get(token)).containsExactly("AWSCURRENT");
  }

  @Test
  void withoutAValueThereIsNoVersion() {
    CreateSecretResponse created =
        fixture.client.createSecret(r -> r.name("db").description("later"));

    assertThat(created.versionId()).isNull();
    assertThat(fixture.client.describeSecret(r -> r.secretId("db")).hasVersionIdsToStages())
        .isFalse();
    assertError(
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
        () -> fixture.value("db"));
  }

  @Test
  void bytesComeBackAsTheyWere() {
    byte[] bytes = {0, 1, -1, 127, -128};

    fixture.client.createSecret(r -> r.name("db").secretBinary(SdkBytes.fromByteArray(bytes)));

    assertThat(fixture.client.getSecretValue(r -> r.secretId("db")).secretBinary().asByteArray())
        .isEqualTo(bytes);
    assertThat(fixture.client.getSecretValue(r -> r.secretId("db")).secretString()).isNull();
  }

  @Test
  void theSameTokenAndContentGetTheSameAnswer() {
    String token = token();

    CreateSecretResponse one =
        fixture.client.createSecret(r -> r.name("db").clientRequestToken(token).secretString("x"));
    CreateSecretResponse two =
        fixture.client.createSecret(r -> r.name("db").clientRequestToken(token).secretString("x"));

    assertThat(two.equalsBySdkFields(one)).as(two + " and " + one).isTrue();
  }

  @Test
  void theSameTokenAgainWithoutAValueGetsTheSameAnswer() {
    String token = token();

    CreateSecretResponse one =
        fixture.client.createSecret(r -> r.name("db").clientRequestToken(token));
    CreateSecretResponse two =
        fixture.client.createSecret(r -> r.name("db").clientRequestToken(token));

    assertThat(two.equalsBySdkFields(one)).as(two + " and " + one).isTrue();
  }

  @Test
  void theSameTokenWithOtherContentIsRefused() {
    String token = token();
    String arn =
        fixture
            .client
            .createSecret(r -> r.name("db").clientRequestToken(token).secretString("one"))
            .arn();

    assertError(
        "ResourceExistsException",
        "You can't use ClientRequestToken "
            + token
            + " because that value is already in use for a version of secret "
            + arn
            + ".",
        () ->
            fixture.client.createSecret(
                r -> r.name("db").clientRequestToken(token).secretString("two")));
  }

  @Test
  void aNameThatExistsIsRefused() {
    fixture.create("db", "one");

    assertError(
        "ResourceExistsException",
        "The operation failed because the secret db already exists.",
        () -> fixture.create("db", "one"));
  }

  @Test
  void aNameThatAwaitsDeletionIsRefused() {
    fixture.create("db", "one");
    fixture.client.deleteSecret(r -> r.secretId("db"));

    assertError(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for"
            + " deletion.",
        () -> fixture.create("db", "one"));
  }

  @Test
  void aRawRequestWithoutATokenIsRefused() {
    for (String operation : new String[] {"CreateSecret", "PutSecretValue", "UpdateSecret"}) {
      assertThat(
              fixture
                  .send(
                      "secretsmanager." + operation,
                      "{\"Name\":\"db\",\"SecretId\":\"db\",\"SecretString\":\"x\"}")
                  .body())
          .isEqualTo(
              "{\"__type\":\"InvalidRequestException\",\"Message\":\"You must provide a"
                  + " ClientRequestToken value. We recommend a UUID-type value.\"}");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Valid/_+=.@-Name", "a!b", "Valid/_+=.@-Name-a1b2c3-", "x"})
  void namesHaveLettersDigitsAndSomeOthers(String name) {
    fixture.create(name, "one");

    assertThat(fixture.value(name)).isEqualTo("one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Inv Name", " Inv Name", " Inv*Name? ", "Inv *?!]Name\\-", "ü"})
  void otherNamesAreRefused(String name) {
    assertError("ValidationException", INVALID_NAME, () -> fixture.create(name, "one"));
    assertError("ValidationException", INVALID_NAME, () -> fixture.value(name));
  }

  @Test
  void namesHaveUpTo512Characters() {
    fixture.create("n".repeat(512), "one");

    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must"
            + " have length less than or equal to 512",
        () -> fixture.create("n".repeat(513), "one"));
  }

  @Test
  void tokensHave32To64Characters() {
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint:"
            + " Member must have length greater than or equal to 32",
        () -> fixture.client.createSecret(r -> r.name("db").clientRequestToken("t".repeat(31))));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint:"
            + " Member must have length less than or equal to 64",
        () -> fixture.client.createSecret(r -> r.name("db").clientRequestToken("t".repeat(65))));
    fixture.client.createSecret(r -> r.name("a").clientRequestToken("t".repeat(32)));
    fixture.client.createSecret(r -> r.name("b").clientRequestToken("t".repeat(64)));
  }

  @Test
  void valuesHaveUpTo65536Bytes() {
    fixture.create("largest", "x".repeat(65_536));

    String tooLong =
        "failed to satisfy constraint: Member must have length less than or equal to 65536";
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'secretString' " + tooLong,
        () -> fixture.create("db", "x".repeat(65_537)));
    // Bytes count, not characters.
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'secretString' " + tooLong,
        () -> fixture.create("db", "ü".repeat(32_769)));
    assertError(
        "ValidationException",
        "1 validation error detected: Value at 'secretBinary' " + tooLong,
        () ->
            fixture.client.createSecret(
                r -> r.name("db").secretBinary(SdkBytes.fromByteArray(new byte[65_537]))));
  }

  @Test
  void aValueIsTextOrBytesAndNotBoth() {
    assertError(
        "InvalidParameterException",
        "You can't specify both a binary secret value and a string secret value in the same"
            + " secret.",
        () ->
            fixture.client.createSecret(
                r -> r.name("db").secretString("x").secretBinary(SdkBytes.fromUtf8String("x"))));
  }

  @Test
  void tagsDescriptionAndKeyAreKept() {
    fixture.client.createSecret(
        r ->
            r.name("db")
                .description("the database")
                .kmsKeyId("alias/key")
                .tags(Tag.builder().key("team").value("a").build()));

    var described = fixture.client.describeSecret(r -> r.secretId("db"));
    assertThat(described.description()).isEqualTo("the database");
    assertThat(described.kmsKeyId()).isEqualTo("alias/key");
    assertThat(described.tags())
        .extracting(Tag::key, Tag::value)
        .containsExactly(tuple("team", "a"));
  }

  @Test
  void whatThereIsNotHereIsRefusedAndNotLeftOut() {
    assertError(
        "InvalidRequestException",
        "The local Secrets Manager has neither replica Regions (AddReplicaRegions) nor managed"
            + " external secrets (Type).",
        () ->
            fixture.client.createSecret(
                r ->
                    r.name("db")
                        .addReplicaRegions(
                            ReplicaRegionType.builder().region("eu-west-1").build())));
    assertThat(fixture.client.listSecrets().secretList()).isEmpty();
  }
}
