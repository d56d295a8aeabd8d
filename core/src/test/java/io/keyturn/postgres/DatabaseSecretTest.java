package io.keyturn.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseSecretTest {
  private static final String WHERE = "version v of secret s";
  private static final String PASSWORD = "hunter2-hunter2";

  @Test
  void readsEveryKeyOfTheStandardStructure() {
    DatabaseSecret secret =
        parse(
            """
            {"engine":"aurora-postgresql","host":"db","port":6432,"username":"app","password":"p",\
            "dbname":"shop","ssl":true}""");

    assertThat(secret.requirePostgresEngine()).isSameAs(secret);
    assertThat(secret.host()).isEqualTo("db");
    assertThat(secret.port()).isEqualTo(6432);
    assertThat(secret.username()).isEqualTo("app");
    assertThat(secret.password()).isEqualTo("p");
    assertThat(secret.database()).isEqualTo("shop");
    assertThat(secret.tls()).isEqualTo(Tls.REQUIRED);
  }

  @Test
  void fillsInWhatMayBeAbsent() {
    DatabaseSecret secret = parse("{\"host\":\"db\",\"username\":\"app\",\"password\":\"p\"}");

    assertThat(secret.port()).isEqualTo(5432);
    assertThat(secret.database()).isEqualTo("postgres");
    assertThat(secret.tls()).isEqualTo(Tls.PREFERRED);
  }

  @ParameterizedTest
  @CsvSource({"5432, 5432", "'\"6543\"', 6543", "'\" 1 \"', 1", "65535, 65535"})
  void takesThePortAsANumberOrItsText(String json, int port) {
    assertThat(parse(with("port", json)).port()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "-1", "5432.5", "\"\"", "\"five\"", "true", "1e3"})
  void refusesAnotherPort(String json) {
    assertThatThrownBy(() -> parse(with("port", json)))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContainingAll(WHERE, "\"port\"", "65535");
  }

  @ParameterizedTest
  @CsvSource({
    "true, REQUIRED",
    "'\"TRUE\"', REQUIRED",
    "false, OFF",
    "'\"False\"', OFF",
    "'\"yes\"', PREFERRED",
    "1, PREFERRED",
    "null, PREFERRED",
    "[], PREFERRED"
  })
  void readsSslAsAwsTemplatesDo(String json, Tls expected) {
    assertThat(parse(with("ssl", json)).tls()).isEqualTo(expected);
  }

  @Test
  void changesThePasswordAndNothingElse() {
    String before =
        """
        { "big": 123456789012345678901234567890.10 , "z":[1.0,{"password":"inner"}],
          "password" : "old \\" one", "username":"app","host":"db",
          "exp": 1E5, "\\u0061": "\\u00e9", "null":null, "flag": true }
        """;
    String after = parse(before).withPassword("n\"e\\w\n\u00e9").toJson();

    assertThat(after).isEqualTo(before.replace("\"old \\\" one\"", "\"n\\\"e\\\\w\\n\u00e9\""));
    assertThat(parse(after).password()).isEqualTo("n\"e\\w\n\u00e9");
  }

  @Test
  void changesAPasswordThatWasANumber() {
    String before = "{\"host\":\"db\",\"password\":12345,\"username\":\"app\"}";

    assertThat(parse(before).password()).isEqualTo("12345");
    assertThat(parse(before).withPassword("x").toJson())
        .isEqualTo(before.replace("12345", "\"x\""));
  }

  @Test
  void takesTheLastOfAKeyThatStandsTwiceAsEveryReaderDoes() {
    DatabaseSecret secret =
        parse("{\"host\":\"db\",\"username\":\"a\",\"password\":\"1\",\"password\":\"2\"}");

    assertThat(secret.password()).isEqualTo("2");
    assertThat(secret.withPassword("3").password()).isEqualTo("3");
  }

  @Test
  void keepsNumbersKeysAndNestingOfAnySize() {
    String before =
        with("password", "\"old\"")
            .replace(
                "{",
                "{\"number\":%s,\"%s\":0,\"nested\":%s%s,"
                    .formatted(
                        "9".repeat(20_000),
                        "k".repeat(60_000),
                        "[".repeat(30_000),
                        "]".repeat(30_000)));

    assertThat(parse(before).withPassword("new").toJson())
        .isEqualTo(before.replace("\"old\"", "\"new\""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        PASSWORD,
        "\"" + PASSWORD + "\"",
        "[\"" + PASSWORD + "\"]",
        "{\"password\":\"" + PASSWORD,
        "{\"password\":\"" + PASSWORD + "\"} " + PASSWORD,
        "{\"password\":\"" + PASSWORD + "\"} {}",
        "{password:" + PASSWORD + "}"
      })
  void saysThatItIsNoJsonObjectWithoutQuotingIt(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContainingAll(WHERE, "not a JSON object")
        .hasMessageNotContaining(PASSWORD)
        .hasNoCause();
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "username", "password"})
  void refusesASecretThatLacksAKey(String key) {
    for (String wrong : new String[] {"null", "\"\"", "{}", "[\"" + PASSWORD + "\"]"}) {
      assertThatThrownBy(() -> parse(with(key, wrong)))
          .isInstanceOf(InvalidSecretException.class)
          .hasMessageContainingAll(WHERE, "\"" + key + "\" is missing")
          .hasMessageNotContaining(PASSWORD);
    }
  }

  @Test
  void refusesASecretWithoutText() {
    assertThatThrownBy(() -> parse(null))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContainingAll(WHERE, "SecretString");
  }

  @Test
  void refusesAnotherEngine() {
    assertThatThrownBy(() -> parse(with("engine", "\"mysql\"")).requirePostgresEngine())
        .hasMessageContainingAll(WHERE, "\"mysql\"", "\"postgres\" or \"aurora-postgresql\"");
    assertThatThrownBy(() -> parse(with("port", "1")).requirePostgresEngine())
        .hasMessageContainingAll(WHERE, "\"engine\" is missing");
  }

  @Test
  void countsANameInBytes() {
    assertThat(parse(with("username", "\"" + "\u00e9".repeat(31) + "x\"")).username()).hasSize(32);
    assertThatThrownBy(() -> parse(with("username", "\"" + "\u00e9".repeat(32) + "\"")))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContainingAll(WHERE, "\"username\" is 64 bytes long", "63");
    assertThatThrownBy(() -> parse(with("dbname", "\"" + "d".repeat(64) + "\"")))
        .hasMessageContaining("\"dbname\" is 64 bytes long");
  }

  @ParameterizedTest
  @ValueSource(strings = {"db/x?sslmode=disable", "a,b", "user@db", "a b", "db#", "\\u0000"})
  void refusesAHostThatWouldBeMoreThanAHost(String host) {
    assertThatThrownBy(() -> parse(with("host", "\"" + host + "\"")))
        .isInstanceOf(InvalidSecretException.class)
        .hasMessageContaining("\"host\" is no host name");
  }

  @Test
  void isDescribedWithoutItsContent() {
    assertThat(parse(with("port", "1"))).hasToString(WHERE);
  }

  private static DatabaseSecret parse(String json) {
    return DatabaseSecret.parse(json, WHERE);
  }

  /** A valid secret, but for one key. */
  private static String with(String key, String json) {
    StringBuilder text = new StringBuilder("{\"" + key + "\":" + json);
    for (String other : new String[] {"host", "username", "password"}) {
      if (!other.equals(key)) {
        text.append(",\"").append(other).append("\":\"").append(PASSWORD).append('"');
      }
    }
    return text.append('}').toString();
  }
}
