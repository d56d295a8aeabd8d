package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.keyturn.rotator.role.RoleSettingSupport;
import io.keyturn.testing.TestPostgres;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real server of a minor version that ignores {@code ALTER ROLE … SET role}. */
@Tag("ignored-role-setting")
class IgnoredRoleSettingTest {
  @BeforeAll
  static void requireSuchAServer() {
    String[] version = TestPostgres.shared().serverVersion().split("\\.", -1);
    int number = Integer.parseInt(version[0]) * 10_000 + Integer.parseInt(version[1]);
    assumeTrue(RoleSettingSupport.of(number) == RoleSettingSupport.IGNORED);
  }

  @Test
  void usersDoNotAlternate() throws Exception {
    try (AlternatingSecret secret = new AlternatingSecret()) {
      secret.begin().step("createSecret");

      assertThat(catchThrowable(() -> secret.step("setSecret")))
          .hasMessageContainingAll(
              "Nothing was changed", "ignores ALTER ROLE", "ROTATION_STRATEGY", "or later");
      assertThat(secret.database.hasRole(secret.twin)).isFalse();
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void aSingleUserRotates() throws Exception {
    try (AlternatingSecret secret =
        new AlternatingSecret("app", Map.of("ROTATION_STRATEGY", "single"))) {
      secret.rotate();
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }
}
