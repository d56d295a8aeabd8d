package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.keyturn.postgres.DatabaseSecret;
import io.keyturn.postgres.InvalidSecretException;
import io.keyturn.testing.TestDatabase;
import io.keyturn.testing.TestRole;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/** What sam/secret.yaml makes: a generated text that never changes, and the connection in tags. */
class ConnectionTagsTest {
  private static List<Tag> notAsked() {
    throw new AssertionError("No tag is needed");
  }

  private static void tag(AlternatingSecret secret, Map<String, String> tags) {
    secret
        .secretsManager
        .client()
        .tagResource(
            r ->
                r.secretId(secret.arn)
                    .tags(
                        tags.entrySet().stream().map(t -> tag(t.getKey(), t.getValue())).toList()));
  }

  private static Tag tag(String key, String value) {
    return Tag.builder().key(key).value(value).build();
  }

  @Test
  void theFirstRotationMakesTheUserWhereTheTagsSayAndCompletesTheSecret() throws Exception {
    TestDatabase database = TestDatabase.create();
    TestRole app = new TestRole(TestDatabase.unique("app"), UUID.randomUUID().toString());
    try (AlternatingSecret secret =
        new AlternatingSecret(database, app, Map.of("CREATE_USER", "true"))) {
      database.run("DROP OWNED BY " + app.quoted() + "; DROP ROLE " + app.quoted());
      secret.secretsManager.put(
          secret.arn,
          "{\"engine\":\"postgres\",\"username\":\"%s\",\"connection\":\"tags\",\"password\":\"%s\"}"
              .formatted(app.name(), app.password()));
      tag(
          secret,
          Map.of(
              "keyturn:host", database.postgres().host(),
              "keyturn:port", String.valueOf(database.postgres().port()),
              "keyturn:dbname", database.name(),
              "keyturn:masterarn", secret.adminArn));

      secret.rotate();

      DatabaseSecret current = secret.secret("AWSCURRENT");
      assertThat(current.username()).isEqualTo(secret.twin);
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
      assertThat(current.toJson())
          .contains("\"connection\":\"tags\"", "\"port\":" + database.postgres().port());
      assertThat(current.host()).isEqualTo(database.postgres().host());
      assertThat(current.database()).isEqualTo(database.name());
      assertThat(current.adminSecretId()).contains(secret.adminArn);

      // Another database of the server: the next rotation writes it into the secret.
      tag(secret, Map.of("keyturn:dbname", "postgres"));
      assertThat(secret.rotate().secret("AWSCURRENT").database()).isEqualTo("postgres");
      assertThat(secret.logsIn("AWSCURRENT")).isTrue();
    }
  }

  @Test
  void aMissingHostIsAskedForAsATag() {
    String value =
        "{\"engine\":\"postgres\",\"username\":\"app\",\"connection\":\"tags\",\"password\":\"p\"}";

    assertThatThrownBy(
            () -> DatabaseSecret.parse(ConnectionTags.complete(value, "s", List::of), "secret s"))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContaining("secret s")
        .hasMessageContaining("keyturn:host")
        .hasMessageContaining("rotate");
  }

  @Test
  void theTagsOfASecretWithAConnectionOfItsOwnDoNothing() {
    for (String json :
        List.of(
            "{\"host\":\"db\"}",
            "{\"host\":\"db\",\"connection\":\"own\"}",
            "{\"host\":\"connection\",\"connection\":null}")) {
      assertThat(ConnectionTags.complete(json, "s", ConnectionTagsTest::notAsked)).isEqualTo(json);
    }
    assertThat(ConnectionTags.complete(null, "s", ConnectionTagsTest::notAsked)).isNull();
  }

  @Test
  void aSpaceStandsForTheMarkThatATagMayNotHold() {
    String arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1-AbCdEf";

    String json =
        ConnectionTags.complete(
            "{\"connection\":\"tags\"}",
            "s",
            () -> List.of(tag("keyturn:masterarn", arn.replace('!', ' ')), tag("team", "shop")));

    assertThat(json).isEqualTo("{\"connection\":\"tags\",\"masterarn\":\"%s\"}".formatted(arn));
  }

  @Test
  void textsAreQuotedAndAPortMustBeANumber() {
    String host = "db\",\"password\":\"x";

    assertThat(
            ConnectionTags.complete(
                "{\"connection\":\"tags\"}", "s", () -> List.of(tag("keyturn:host", host))))
        .contains(String.valueOf(JsonStringEncoder.getInstance().quoteAsString(host)));
    assertThatThrownBy(
            () ->
                ConnectionTags.complete(
                    "{\"connection\":\"tags\"}",
                    "version v of secret s",
                    () -> List.of(tag("keyturn:port", "5432a"))))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContaining("version v of secret s")
        .hasMessageContaining("keyturn:port");
  }
}
