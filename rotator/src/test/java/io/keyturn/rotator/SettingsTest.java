package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.testing.DocumentedVariables;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @Test
  void theDocumentationHasEveryVariableThatIsReadAndNoOther() throws IOException {
    assertThat(DocumentedVariables.readBy(Settings::of, Map.of()))
        .isNotEmpty()
        .isEqualTo(DocumentedVariables.documentedIn("rotation.md"));
  }

  /** Values that work with AWS's templates. */
  @Test
  void whatAwsTemplatesTakeIsTaken() {
    String password =
        Settings.of(
                Map.of(
                    "EXCLUDE_LOWERCASE", "True",
                    "EXCLUDE_PUNCTUATION", "1",
                    "EXCLUDE_NUMBERS", "False",
                    "EXCLUDE_CHARACTERS", "ABC",
                    "PASSWORD_LENGTH", "100"))
            .passwordPolicy()
            .generate();

    assertThat(password).matches("[D-Z0-9]{100}");
  }

  @ParameterizedTest
  @CsvSource({
    "CREATE_USER, ture, true or false",
    "REQUIRE_EACH_INCLUDED_TYPE, nope, true or false",
    "PASSWORD_LENGTH, many, from 1 to 4096",
    "RDS_ENDPOINT, rds.example.com, https://host",
    "ROTATION_STRATEGY, alternate, 'auto, single, alternating or generated'"
  })
  void aTypoIsAnErrorThatNamesTheVariable(String name, String value, String expected) {
    assertThatThrownBy(() -> Settings.of(Map.of(name, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(name, value, expected);
  }
}
