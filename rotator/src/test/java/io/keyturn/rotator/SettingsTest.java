package io.keyturn.rotator;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.testing.DocumentedVariables;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void theDocumentationHasEveryVariableThatIsReadAndNoOther() throws IOException {
    assertThat(DocumentedVariables.readBy(Settings::of, Map.of()))
        .isNotEmpty()
        .isEqualTo(DocumentedVariables.documentedIn("rotation.md"));
  }
}
