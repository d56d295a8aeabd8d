package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keyturn.rotator.invocation.RotationException;
import io.keyturn.testing.TestRole;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a rotation does with a secret that somebody has written since the last one. */
class OverwrittenSecretTest {
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "1, 2", "2, 3"})
  void recoversWhereADeploymentWroteTheFirstValueAgain(int rotations, int writes) throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      for (int rotation = 0; rotation < rotations; rotation++) {
        secret.rotate();
      }
      for (int write = 0; write < writes; write++) {
        secret.putCurrent(secret.json(secret.app.name(), "of the stack", secret.adminArn));
      }
      assertThat(secret.logsIn("AWSCURRENT")).isFalse();

      secret.rotate();

      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.currentSees("SELECT current_user")).isEqualTo(secret.app.name());
      assertThat(secret.context.log())
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("AWSCURRENT has been overwritten", "ignore_changes", secret.arn));
      secret.rotate().rotate();
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(secret.logsIn("AWSPREVIOUS")).isTrue();
    }
  }

  @Test
  void anotherUsersLoginIsNoProof() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      TestRole writers = secret.database.createRole("writer");
      secret.changePasswordsByHand();
      secret.putCurrent(secret.json(writers.name(), writers.password(), secret.adminArn));
      secret.putCurrent(secret.json(secret.app.name(), "guessed", secret.adminArn));
      secret.begin().step("createSecret");

      assertThat(secret.refusal("setSecret"))
          .hasMessageContainingAll("Nothing was changed", "nor does any older version");
    }
  }

  @Test
  void aPreviousValueThatIsNoDatabasesDoesNotHideTheReason() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.database.run("ALTER ROLE %s PASSWORD 'by hand'".formatted(secret.role.quoted()));
      secret.putCurrent("{\"username\":\"app\",\"password\":\"first\"}");
      secret.putCurrent(secret.json(secret.role.name(), "wrong"));
      secret.begin().step("createSecret");

      Throwable failure = catchThrowable(() -> secret.step("setSecret"));

      assertThat(failure).hasMessageContainingAll("None of AWSPENDING", secret.role.name());
      assertThat(failure.getSuppressed()).anyMatch(e -> e.getMessage().contains("\"host\""));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"createSecret", "setSecret"})
  void anEditDuringAStuckRotationIsKept(String stuckAfter) throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret");
      if (stuckAfter.equals("setSecret")) {
        secret.step("setSecret");
      }
      String edited =
          secret
              .json(secret.role.name(), secret.role.password())
              .replace("}", ",\"ssl\":false,\"team\":\"payments\"}");
      secret.editCurrent(edited);

      Throwable failure = catchThrowable(() -> secret.step("createSecret", "setSecret"));

      assertThat(failure)
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("\"ssl\", \"team\"", "rotate again", secret.arn)
          .hasMessageNotContaining("payments");
      assertThat(secret.labels()).doesNotContainKey(secret.token);
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      secret.rotate();
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      assertThat(secret.secretsManager.value(secret.arn, "AWSCURRENT"))
          .isEqualTo(edited.replace(secret.role.password(), secret.password("AWSCURRENT")));
    }
  }

  @Test
  void anEditAfterSetSecretIsKept() throws Exception {
    try (RotatedSecret secret = new RotatedSecret()) {
      secret.begin().step("createSecret", "setSecret");
      String edited =
          secret
              .json(secret.role.name(), secret.role.password())
              .replace("}", ",\"team\":\"payments\"}");
      secret.editCurrent(edited);

      assertThat(catchThrowable(() -> secret.step("testSecret")))
          .isInstanceOf(RotationException.class)
          .hasMessageContainingAll("\"team\"", "AWSCURRENT was not moved", secret.arn)
          .hasMessageNotContaining("payments");

      assertThat(catchThrowable(() -> secret.step("createSecret", "setSecret")))
          .hasMessageContaining("rotate again");
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
      secret.rotate();
      assertThat(secret.secretsManager.value(secret.arn, "AWSCURRENT"))
          .isEqualTo(edited.replace(secret.role.password(), secret.password("AWSCURRENT")));
      assertThat(secret.logsIn(secret.password("AWSCURRENT"))).isTrue();
    }
  }

  @Test
  void anEditDuringAStuckRotationOfTwoUsersIsKept() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin().step("createSecret", "setSecret");
      String value = secret.secretsManager.value(secret.arn, "AWSCURRENT");
      secret.editCurrent(value.replace("}", ",\"ssl\":false}"));
      assertThat(secret.refusal("testSecret"))
          .hasMessageContainingAll("\"ssl\"", "AWSCURRENT was not moved");

      assertThat(catchThrowable(() -> secret.step("createSecret", "setSecret")))
          .hasMessageContainingAll("\"ssl\"", "The database was not changed", "rotate again");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      secret.rotate();

      assertThat(secret.secretsManager.value(secret.arn, "AWSCURRENT")).contains("\"ssl\":false");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }
}
