package io.keyturn.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every secret, whoever wrote it, and for every text that is none. */
class DatabaseSecretPropertiesTest {
  private static final String WHERE = "version v of secret s";

  /** Stands in no message of ours, so that one which has it quotes the secret. */
  private static final String PASSWORD = "zQ7Kd93x";

  private static final List<String> FRAGMENTS =
      List.of(
          PASSWORD,
          "\"" + PASSWORD + "\"",
          "\"",
          "{",
          "}",
          "[",
          "]",
          ",",
          ":",
          " ",
          "\\",
          "\\u12",
          "\\u0000",
          "\0",
          "\ufeff",
          "\ud800",
          "1",
          "-",
          "1e",
          "NaN",
          "null",
          "tru",
          "//",
          "/*",
          "\"password\":",
          "\"host\":\"db\"",
          "\"username\":",
          "\"port\":",
          "'");

  private static final List<String> SECRETS =
      List.of(
          "{\"host\":\"db\",\"port\":P,\"username\":\"P\",\"password\":\"P\"}",
          "{\"host\":\"P/\",\"username\":\"a\",\"password\":\"P\",\"x\":[{\"y\":\"P\"}]}",
          "{\"host\":\"db\",\"username\":\"aPPPPPPPPPPPPP\",\"password\":\"P\"}",
          "{\"host\":\"db\",\"username\":\"a\",\"password\":\"P\",\"dbname\":\"P\\u0000P\"}",
          "{\"host\":\"db\",\"username\":\"a\",\"password\":\"P\",\"port\":\"P\"} ");

  private static final ObjectMapper OTHER_READER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(10_000).build())
                  .build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

  @Property(tries = 2000, seed = "1")
  void aNewPasswordChangesNothingElse(
      @ForAll("secrets") SecretJson before, @ForAll("texts") String password)
      throws JsonProcessingException {
    DatabaseSecret secret = DatabaseSecret.parse(before.json(), WHERE);
    assertThat(secret.password()).isEqualTo(before.password());

    DatabaseSecret changed = secret.withPassword(password);

    assertThat(changed.password()).isEqualTo(password);
    assertThat(changed.username()).isEqualTo(secret.username());
    assertThat(changed.toJson()).startsWith(before.beforePassword());
    assertThat(changed.toJson().substring(before.beforePassword().length()))
        .endsWith(before.afterPassword());
    assertThat(read(changed.toJson())).isEqualTo(read(before.json()).put("password", password));
    assertThat(DatabaseSecret.parse(changed.toJson(), WHERE).password()).isEqualTo(password);
    assertThat(changed.withPassword(before.password()).password()).isEqualTo(before.password());
    assertThat(changed).hasToString(WHERE);
  }

  @Property(tries = 1000, seed = "2")
  void anotherUserChangesNothingElse(
      @ForAll("secrets") SecretJson before, @ForAll("names") String username)
      throws JsonProcessingException {
    DatabaseSecret changed = DatabaseSecret.parse(before.json(), WHERE).withUsername(username);

    assertThat(changed.username()).isEqualTo(username);
    assertThat(changed.password()).isEqualTo(before.password());
    assertThat(read(changed.toJson())).isEqualTo(read(before.json()).put("username", username));
  }

  @Property(tries = 1000, seed = "3")
  void anotherDatabaseChangesNothingElse(
      @ForAll("secrets") SecretJson before, @ForAll("names") String database)
      throws JsonProcessingException {
    DatabaseSecret secret = DatabaseSecret.parse(before.json(), WHERE);

    DatabaseSecret twice = secret.inDatabase("other").inDatabase(database);

    assertThat(twice.database()).isEqualTo(database);
    assertThat(twice.password()).isEqualTo(before.password());
    assertThat(read(twice.toJson())).isEqualTo(read(before.json()).put("dbname", database));
  }

  @Property(tries = 10_000, seed = "4")
  void aTextThatIsNoSecretIsRefusedWithoutQuotingIt(@ForAll("anything") String text) {
    try {
      assertThat(DatabaseSecret.parse(text, WHERE)).hasToString(WHERE);
    } catch (InvalidSecretException e) {
      StringWriter all = new StringWriter();
      e.printStackTrace(new PrintWriter(all));
      assertThat(all.toString()).contains(WHERE).doesNotContain(PASSWORD);
    }
  }

  private static ObjectNode read(String json) throws JsonProcessingException {
    return (ObjectNode) OTHER_READER.readTree(json);
  }

  @Provide
  Arbitrary<SecretJson> secrets() {
    return Arbitraries.randomValue(SecretJson::valid);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.randomValue(SecretJson::text);
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.randomValue(SecretJson::name);
  }

  @Provide
  Arbitrary<String> anything() {
    return Arbitraries.randomValue(
        random -> random.nextInt(3) == 0 ? fragments(random) : secretWithAMistake(random));
  }

  private static String secretWithAMistake(Random random) {
    String secret = SECRETS.get(random.nextInt(SECRETS.size())).replace("P", PASSWORD);
    int at = random.nextInt(secret.length() + 1);
    int skipped = Math.min(secret.length(), at + random.nextInt(4));
    return secret.substring(0, at) + fragments(random) + secret.substring(skipped);
  }

  private static String fragments(Random random) {
    StringBuilder text = new StringBuilder();
    while (random.nextInt(6) > 0) {
      text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
    }
    return text.toString();
  }
}
