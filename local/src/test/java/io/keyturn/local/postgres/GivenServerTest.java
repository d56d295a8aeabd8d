package io.keyturn.local.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GivenServerTest {
  @Test
  void aUrlNamesAllOfIt() {
    assertThat(
            GivenServer.at("jdbc:postgresql://db.example.com:6543/shop?user=boss&password=s3cret"))
        .isEqualTo(new GivenServer("db.example.com", 6543, "shop", "boss", "s3cret"));
  }

  @Test
  void whatAUrlEncodesIsDecoded() {
    GivenServer server =
        GivenServer.at("jdbc:postgresql://[::1]/my%20shop?user=b%40ss&password=a%26b%3Dc%2Bd%25");
    assertThat(server.host()).isEqualTo("[::1]");
    assertThat(server.database()).isEqualTo("my shop");
    assertThat(server.superuser()).isEqualTo("b@ss");
    assertThat(server.superuserPassword()).isEqualTo("a&b=c+d%");
  }

  @Test
  void portAndDatabaseMayBeLeftOut() {
    GivenServer server = GivenServer.at("jdbc:postgresql://db/?user=boss&password=s3cret");
    assertThat(server.port()).isEqualTo(5432);
    assertThat(server.database()).isEqualTo("boss");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postgresql://db/shop",
        "jdbc:mysql://db/shop",
        "",
        "jdbc:postgresql://db:port/shop"
      })
  void anythingElseIsRefusedWithTheShapeToUse(String url) {
    assertThatThrownBy(() -> GivenServer.at(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jdbc:postgresql://host:port/database?user=…&password=…");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:postgresql://db/shop?user=boss",
        "jdbc:postgresql://db/shop?password=s3cret",
        "jdbc:postgresql://db/shop"
      })
  void userAndPasswordMustBeThereAndThePasswordIsNotSaid(String url) {
    assertThatThrownBy(() -> GivenServer.at(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("?user=…&password=…")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void moreThanOneHostIsRefused() {
    // Roles are made on one server, and the secret names one.
    assertThatThrownBy(() -> GivenServer.at("jdbc:postgresql://a:1,b:2/shop?user=u&password=p"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("one host");
  }

  @Test
  void theTextHasNoPassword() {
    assertThat(GivenServer.at("jdbc:postgresql://db:1/shop?user=boss&password=s3cret"))
        .hasToString("boss@db:1/shop");
  }
}
