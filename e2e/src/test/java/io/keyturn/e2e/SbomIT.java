package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The software bills of materials that the build writes of both functions. */
@Tag("slow")
class SbomIT {
  @ParameterizedTest
  @ValueSource(strings = {"rotator", "consumer"})
  void namesWhatTheFunctionShipsWithVersionAndHash(String function) throws IOException {
    JsonNode bom = bom(function);

    assertThat(bom.path("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(names(bom))
        .contains("postgresql", "secretsmanager", "aws-lambda-java-core", "jackson-core")
        .doesNotContain("junit-jupiter", "assertj-core", "keyturn-testing", "error_prone_core");
    for (JsonNode component : bom.path("components")) {
      assertThat(component.path("purl").asText())
          .startsWith("pkg:maven/")
          .contains("@" + component.path("version").asText());
      if (!component.path("group").asText().equals("io.keyturn")) {
        assertThat(component.path("hashes")).as(component.path("name").asText()).isNotEmpty();
      }
    }
  }

  @Test
  void namesWhatOnlyOneOfThemShips() throws IOException {
    assertThat(names(bom("rotator"))).contains("rds").doesNotContain("aws-secretsmanager-jdbc");
    assertThat(names(bom("consumer"))).contains("aws-secretsmanager-jdbc").doesNotContain("rds");
  }

  /** Others are left out of the jars, so a bill that names them is wrong. */
  @Test
  void namesNoHttpClientThatIsLeftOut() throws IOException {
    for (String function : List.of("rotator", "consumer")) {
      assertThat(names(bom(function)))
          .contains("url-connection-client")
          .doesNotContain("apache5-client", "netty-nio-client", "aws-crt-client");
    }
  }

  private static JsonNode bom(String function) throws IOException {
    Path bom = Path.of("..", function, "target", "bom.json");
    assertThat(bom).as("what the build writes with -Pslow or -Prelease").exists();
    return JsonMapper.builder().build().readTree(bom.toFile());
  }

  private static Set<String> names(JsonNode bom) {
    return StreamSupport.stream(bom.path("components").spliterator(), false)
        .map(component -> component.path("name").asText())
        .collect(Collectors.toSet());
  }
}
