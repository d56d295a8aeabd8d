package io.keyturn.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.keyturn.testing.DocumentedVariables;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void theDocumentationHasEveryVariableThatIsReadAndNoOther() throws IOException {
    assertThat(DocumentedVariables.readBy(Settings::of, Map.of("SECRET_ID", "shop/database")))
        .isNotEmpty()
        .isEqualTo(DocumentedVariables.documentedIn("query-api.md"));
  }
}
