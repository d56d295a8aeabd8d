package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestDatabase;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What setSecret does when the current password is not the one that the database has. */
@Tag("every-postgres")
class RecoveryTest {
  @Test
  void leavesThePendingPasswordWhereItIsSetAlready() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret", "setSecret");
      secret.secretsManager.service().requests().clear();

      secret.step("setSecret");

      assertThat(secret.logsIn(secret.password("AWSPENDING"))).isTrue();
      assertThat(secret.context.log()).last().asString().contains("already");
    }
  }

  @Test
  void fallsBackToThePreviousPassword() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      // An abandoned rotation: AWSCURRENT moved on, the database did not.
      secret.putCurrent(secret.json(secret.role.name(), "never-set"));

      secret.rotate();

      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isFalse();
    }
  }

  @Test
  void saysThatNoPasswordWorksAndChangesNothing() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.database.run(
          "ALTER ROLE " + secret.role.quoted() + " PASSWORD 'set by somebody else'");
      secret.putCurrent(secret.json(secret.role.name(), "wrong-1"));
      secret.putCurrent(secret.json(secret.role.name(), "wrong-2"));
      secret.begin().step("createSecret");
      var labels = secret.labels();

      Throwable failure = catchThrowable(() -> secret.step("setSecret"));

      assertThat(failure)
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll(
              "AWSPENDING, AWSCURRENT and AWSPREVIOUS", secret.arn, secret.role.name(), "rotate");
      // Of AWSCURRENT, AWSPENDING, AWSPREVIOUS, and of the first version, which has no label.
      assertThat(failure.getSuppressed()).hasSize(4);
      assertThat(Throwables.everythingIn(failure))
          .doesNotContain(
              "wrong-1", "wrong-2", secret.role.password(), secret.password("AWSPENDING"));
      assertThat(secret.labels()).isEqualTo(labels);
      assertThat(secret.logsIn("set by somebody else")).isTrue();
    }
  }

  @Test
  void findsThePasswordOfARotationThatWasAbandoned() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret", "setSecret").abandon();
      String abandoned = secret.token;

      secret.rotate();

      assertThat(secret.labels()).doesNotContainKey(abandoned);
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isFalse();
    }
  }

  @Test
  void looksAtTheFiveNewestVersionsWithoutALabelOnly() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      // The first version has the right password, seven newer ones a wrong one.
      for (int i = 1; i <= 7; i++) {
        secret.putCurrent(secret.json(secret.role.name(), "wrong-" + i));
      }
      secret.begin().step("createSecret");

      Throwable failure = catchThrowable(() -> secret.step("setSecret"));

      assertThat(failure).hasMessageContaining("5 newest versions without a staging label");
      assertThat(failure.getSuppressed()).hasSize(8);
    }
  }

  @Test
  void doesNotTouchAnotherUserThanTheCurrentOne() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      var other = secret.database.createRole("other");
      secret.begin();
      secret.putPending(secret.json(other.name(), "planted"));

      Throwable failure = catchThrowable(() -> secret.step("createSecret", "setSecret"));

      assertThat(failure)
          .hasMessageContainingAll("\"username\"", other.name(), secret.role.name(), secret.token);
      assertThat(secret.labels()).doesNotContainKey(secret.token);
      assertThat(secret.database.canLogIn(other)).isTrue();
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }

  @Test
  void doesNotSendAPasswordToAnotherHostThanTheCurrentOne() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      String host = "\"host\":\"" + secret.database.postgres().host() + "\"";
      secret.begin();
      secret.putPending(
          secret
              .json(secret.role.name(), "planted")
              .replace(host, "\"host\":\"elsewhere.invalid\""));

      Throwable failure = catchThrowable(() -> secret.step("createSecret", "setSecret"));

      assertThat(failure).hasMessageContainingAll("\"host\"", secret.token);
      assertThat(secret.labels()).doesNotContainKey(secret.token);
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }

  @Test
  void testSecretFailsWhereThePendingPasswordDoesNotWork() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret");

      Throwable failure = catchThrowable(() -> secret.step("testSecret"));

      assertThat(failure)
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("28P01", secret.role.name(), secret.token, secret.arn);
      assertThat(Throwables.everythingIn(failure)).doesNotContain(secret.password("AWSPENDING"));
      assertThat(secret.labels().get(secret.token)).containsExactly("AWSPENDING");
    }
  }

  @Test
  void aDroppedUserIsNamed() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      String unknown = TestDatabase.unique("nobody");
      secret.putCurrent(secret.json(unknown, "whatever"));
      secret.begin().step("createSecret");

      Throwable failure = catchThrowable(() -> secret.step("setSecret"));

      // The version before names another user, which must not be touched for this one.
      assertThat(failure).hasMessageContainingAll("None of", unknown, secret.arn);
      assertThat(failure.getSuppressed()).hasSize(2);
      assertThat(secret.logsIn(secret.role.password())).isTrue();
    }
  }
}
