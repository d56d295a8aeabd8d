package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResourcePolicyTest {
  private static final String OPEN =
      "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\","
          + "\"Action\":\"secretsmanager:GetSecretValue\",\"Resource\":\"*\"}]}";
  private static final String NARROW =
      OPEN.replace("\"*\",\"Action\"", "{\"AWS\":\"arn:aws:iam::000000000000:root\"},\"Action\"");

  private final Fixture fixture = new Fixture();

  @BeforeEach
  void createSecret() {
    fixture.create("db", "one");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private String policy() {
    return fixture.client.getResourcePolicy(r -> r.secretId("db")).resourcePolicy();
  }

  @Test
  void aPolicyIsKeptUntilItIsDeleted() {
    assertThat(policy()).isNull();

    fixture.client.putResourcePolicy(r -> r.secretId("db").resourcePolicy(NARROW));
    assertThat(policy()).isEqualTo(NARROW);

    fixture.client.deleteResourcePolicy(r -> r.secretId("db"));
    assertThat(policy()).isNull();
  }

  @Test
  void aPolicyIsJson() {
    assertError(
        "MalformedPolicyDocumentException",
        "This resource policy contains invalid Json.",
        () -> fixture.client.putResourcePolicy(r -> r.secretId("db").resourcePolicy("{")));
    assertError(
        "MalformedPolicyDocumentException",
        "This resource policy has no Statement.",
        () -> fixture.client.putResourcePolicy(r -> r.secretId("db").resourcePolicy("{}")));
  }

  @Test
  void aPolicyThatCannotBeEnforcedIsRefused() {
    assertThatThrownBy(
            () ->
                fixture.client.putResourcePolicy(
                    r ->
                        r.secretId("db")
                            .resourcePolicy(OPEN.replace("\"Action\"", "\"NotAction\""))))
        .hasMessageContaining("cannot enforce")
        .hasMessageContaining("NotAction");
    assertThat(policy()).isNull();
  }

  @Test
  void aPublicPolicyCanBeBlocked() {
    assertError(
        "PublicPolicyException",
        "The resource policy grants broad access to the secret, which BlockPublicPolicy forbids.",
        () ->
            fixture.client.putResourcePolicy(
                r -> r.secretId("db").resourcePolicy(OPEN).blockPublicPolicy(true)));
    fixture.client.putResourcePolicy(
        r -> r.secretId("db").resourcePolicy(NARROW).blockPublicPolicy(true));
  }

  @Test
  void aPolicyCanBeValidated() {
    assertThat(
            fixture
                .client
                .validateResourcePolicy(r -> r.resourcePolicy(NARROW))
                .policyValidationPassed())
        .isTrue();
    var open = fixture.client.validateResourcePolicy(r -> r.secretId("db").resourcePolicy(OPEN));
    assertThat(open.policyValidationPassed()).isFalse();
    assertThat(open.validationErrors()).hasSize(1);
  }
}
