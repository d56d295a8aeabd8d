package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A rotation that needs an admin whose own password is being changed. */
class AdminUnderRotationTest {
  @Test
  void logsInWithItsPendingPassword() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.stageAdmin(secret.json(secret.admin.name(), "the-next-one", null));
      secret.database.run("ALTER ROLE %s PASSWORD 'the-next-one'".formatted(secret.admin.quoted()));

      secret.rotate();

      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void waitsForItsPasswordWhereThePendingVersionIsNotYetTheRightOne() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.stageAdmin(secret.json(secret.admin.name(), "not-yet", null));
      secret.database.run("ALTER ROLE %s PASSWORD 'the-next-one'".formatted(secret.admin.quoted()));
      secret.begin().step("createSecret");
      String mark = secret.database.postgres().mark();
      CompletableFuture<Void> set = CompletableFuture.runAsync(() -> secret.step("setSecret"));
      String refused =
          "password authentication failed for user \"%s\"".formatted(secret.admin.name());
      await().until(() -> secret.database.postgres().logSince(mark).split(refused).length == 3);

      secret.putAdmin(secret.json(secret.admin.name(), "the-next-one", null));

      set.join();
      assertThat(secret.logsIn("AWSPENDING")).isTrue();
    }
  }

  @Test
  void isToldAtOnceWhereNothingIsPending() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.database.run("ALTER ROLE %s PASSWORD 'by hand'".formatted(secret.admin.quoted()));
      secret.begin().step("createSecret");
      secret.secretsManager.service().requests().clear();

      assertThat(secret.refusalAlone("setSecret"))
          .hasMessageContainingAll("28P01", secret.adminArn);

      assertThat(secret.secretsManager.service().requests().count("GetSecretValue"))
          .as("AWSCURRENT of the user, of the admin twice, AWSPENDING of the admin")
          .isEqualTo(4);
    }
  }

  @Test
  void itsPendingVersionDoesNotLeadElsewhere() throws Exception {
    try (CredulousServer attackers = new CredulousServer();
        AlternatingSecret secret = new AlternatingSecret()) {
      secret.stageAdmin(
          secret
              .json(secret.admin.name(), "staged", null)
              .replace(
                  "\"port\":" + secret.database.postgres().port(), "\"port\":" + attackers.port()));
      secret.database.run("ALTER ROLE %s PASSWORD 'by hand'".formatted(secret.admin.quoted()));
      secret.begin().step("createSecret");

      // The staged password differs from AWSCURRENT, so a rotation may be about to end.
      assertThat(catchThrowable(() -> secret.hurriedStep("setSecret")))
          .hasMessageContainingAll("28P01", secret.adminArn);
      assertThat(attackers.logins()).isZero();
    }
  }
}
