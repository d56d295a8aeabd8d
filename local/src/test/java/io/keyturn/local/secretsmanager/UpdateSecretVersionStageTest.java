package io.keyturn.local.secretsmanager;

import static io.keyturn.local.secretsmanager.Fixture.assertError;
import static io.keyturn.local.secretsmanager.Fixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.UpdateSecretVersionStageRequest;

class UpdateSecretVersionStageTest {
  private final Fixture fixture = new Fixture();
  private String current;
  private String pending;

  @BeforeEach
  void createSecret() {
    current = fixture.create("db", "one");
    pending = fixture.put("db", "two", "AWSPENDING");
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private void move(String label, Consumer<UpdateSecretVersionStageRequest.Builder> how) {
    fixture.client.updateSecretVersionStage(r -> how.accept(r.secretId("db").versionStage(label)));
  }

  @Test
  void movingCurrentGivesTheSourcePreviousAndLeavesPendingOnTheTarget() {
    move("AWSCURRENT", r -> r.moveToVersionId(pending).removeFromVersionId(current));

    assertThat(fixture.labels("db").get(current)).containsExactly("AWSPREVIOUS");
    assertThat(fixture.labels("db").get(pending))
        .containsExactlyInAnyOrder("AWSCURRENT", "AWSPENDING");
    assertThat(fixture.value("db")).isEqualTo("two");
  }

  @Test
  void movingCurrentBackSwapsBothLabels() {
    String next = fixture.put("db", "three");

    move("AWSCURRENT", r -> r.moveToVersionId(current).removeFromVersionId(next));

    assertThat(fixture.labels("db").get(current)).containsExactly("AWSCURRENT");
    assertThat(fixture.labels("db").get(next)).containsExactly("AWSPREVIOUS");
  }

  @Test
  void movingCurrentClearsPreviousElsewhereAndKeepsOtherLabels() {
    move("blue", r -> r.moveToVersionId(current));
    String next = fixture.put("db", "three");
    String last = fixture.put("db", "four", "green");

    move("AWSCURRENT", r -> r.moveToVersionId(last).removeFromVersionId(next));

    assertThat(fixture.labels("db").get(current)).containsExactly("blue");
    assertThat(fixture.labels("db").get(next)).containsExactly("AWSPREVIOUS");
    assertThat(fixture.labels("db").get(last)).containsExactlyInAnyOrder("green", "AWSCURRENT");
  }

  @Test
  void aLabelOnNoVersionIsAdded() {
    move("blue", r -> r.moveToVersionId(current));

    assertThat(fixture.labels("db").get(current)).containsExactly("AWSCURRENT", "blue");
  }

  @Test
  void aLabelThatIsThereAlreadyStays() {
    move("AWSCURRENT", r -> r.moveToVersionId(current));

    assertThat(fixture.labels("db").get(current)).containsExactly("AWSCURRENT");
  }

  @Test
  void aLabelIsRemovedAndAVersionWithoutLabelsIsDeprecated() {
    move("AWSPENDING", r -> r.removeFromVersionId(pending));

    assertThat(fixture.labels("db")).containsOnlyKeys(current);
    assertThat(
            fixture.client.getSecretValue(r -> r.secretId("db").versionId(pending)).secretString())
        .isEqualTo("two");
  }

  @Test
  void aLabelOnAnotherVersionIsOnlyTakenFromItsHolder() {
    assertError(
        "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently"
            + " attached to version "
            + current
            + ", so you must explicitly reference that version in RemoveFromVersionId.",
        () -> move("AWSCURRENT", r -> r.moveToVersionId(pending)));
    assertError(
        "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be empty. Staging label AWSPENDING is currently"
            + " attached to version "
            + pending
            + ", so you must explicitly reference that version in RemoveFromVersionId.",
        () -> move("AWSPENDING", r -> r.moveToVersionId(current)));
    assertError(
        "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be "
            + pending
            + ". Staging label AWSCURRENT is currently attached to version "
            + current
            + ", so you must explicitly reference that version in RemoveFromVersionId.",
        () -> move("AWSCURRENT", r -> r.moveToVersionId(pending).removeFromVersionId(pending)));
    assertThat(fixture.value("db")).isEqualTo("one");
  }

  @Test
  void currentCannotBeRemoved() {
    assertError(
        "InvalidParameterException",
        "You can only move staging label AWSCURRENT to a different secret version. It can't be"
            + " completely removed.",
        () -> move("AWSCURRENT", r -> r.removeFromVersionId(current)));
  }

  @Test
  void versionsThatDoNotExistAreNotFound() {
    String unknown = token();
    String message =
        "Secrets Manager can't find the specified secret value for VersionId: " + unknown;
    assertError(
        "ResourceNotFoundException", message, () -> move("blue", r -> r.moveToVersionId(unknown)));
    assertError(
        "ResourceNotFoundException",
        message,
        () -> move("AWSPENDING", r -> r.removeFromVersionId(unknown)));
  }

  @Test
  void aLabelOnNoVersionIsTakenFromNone() {
    assertError(
        "InvalidParameterException",
        "The parameter RemoveFromVersionId can't be used: staging label blue is not attached to any"
            + " version.",
        () -> move("blue", r -> r.removeFromVersionId(current)));
  }

  @Test
  void oneOfTheVersionsIsNeeded() {
    assertError(
        "InvalidParameterException",
        "You must provide MoveToVersionId, RemoveFromVersionId or both.",
        () -> move("blue", r -> {}));
  }
}
