package io.keyturn.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
  private static Environment with(String value) {
    return new Environment(Map.of("X", value));
  }

  /** AWS's rotation templates take true, 1, y and yes for true in any case. */
  @ParameterizedTest
  @CsvSource({
    "True, true",
    "true, true",
    "TRUE, true",
    "1, true",
    "y, true",
    "Yes, true",
    "' true ', true",
    "False, false",
    "false, false",
    "0, false",
    "n, false",
    "NO, false"
  })
  void readsAFlag(String value, boolean expected) {
    assertThat(with(value).flag("X", !expected)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsNotSetOrBlankHasItsDefault(boolean otherwise) {
    assertThat(new Environment(Map.of()).flag("X", otherwise)).isEqualTo(otherwise);
    assertThat(with(" ").flag("X", otherwise)).isEqualTo(otherwise);
    assertThat(with(" ").number("X", 7, 1, 9)).isEqualTo(7);
    assertThat(with(" ").url("X")).isEmpty();
    assertThat(with(" ").text("X")).isEmpty();
    assertThat(with(" ").exactly("X")).contains(" ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ture", "on", "2", "-", "truefalse"})
  void aFlagThatIsATypoIsAnErrorThatNamesTheVariable(String value) {
    assertThatThrownBy(() -> with(value).flag("X", false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The environment variable X is \"%s\", but must be true or false", value);
  }

  @Test
  void readsANumber() {
    assertThat(with(" 9 ").number("X", 7, 1, 9)).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "10", "1.5", "nine", "99999999999"})
  void aNumberOutOfItsRangeIsAnErrorThatHasTheRange(String value) {
    assertThatThrownBy(() -> with(value).number("X", 7, 1, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("X is \"" + value + "\"", "from 1 to 9");
  }

  @Test
  void readsAUrl() {
    assertThat(with("https://vpce-1.example.com:8443/x").url("X"))
        .contains(URI.create("https://vpce-1.example.com:8443/x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"db.example.com", "db.example.com:443", "https://", "ftp://host", "ht tp"})
  void whatIsNoUrlIsAnErrorThatNamesTheVariable(String value) {
    assertThatThrownBy(() -> with(value).url("X"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("X is \"" + value + "\"", "https://host");
  }
}
