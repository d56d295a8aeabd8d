package io.keyturn.local.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.local.support.StackException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackagedTemplateTest {
  private static final Path TEMPLATE = Path.of("../sam/template.yaml");
  private static final Map<String, String> CODE =
      Map.of(
          "../rotator/target/rotator.jar", "rotator-x86_64.zip",
          "../consumer/target/consumer.jar", "consumer-x86_64.zip");

  @TempDir Path folder;

  @Test
  void onlyWhatDependsOnThePackagesIsChangedInTheTemplateAndThoseThatItNests() throws IOException {
    Path packaged = PackagedTemplate.write(TEMPLATE, CODE, "x86_64", folder);

    assertThat(packaged).isEqualTo(folder.resolve("template.yaml"));
    assertThat(changed("rotator.yaml"))
        .containsExactly(
            "AllowedValues: [x86_64]",
            "Default: x86_64",
            "CodeUri: rotator-x86_64.zip",
            "Runtime: provided.al2023");
    assertThat(changed("query.yaml"))
        .containsExactly(
            "AllowedValues: [\"false\"]",
            "AllowedValues: [x86_64]",
            "Default: x86_64",
            "CodeUri: consumer-x86_64.zip",
            "Runtime: provided.al2023");
    assertThat(changed("template.yaml"))
        .containsExactly(
            "AllowedValues: [\"false\"]", "AllowedValues: [x86_64]", "Default: x86_64");
    assertThat(changed("secret.yaml")).isEmpty();
    // Else SAM would know neither the stack's name nor that it may make roles.
    assertThat(folder.resolve("samconfig.toml"))
        .hasSameBinaryContentAs(TEMPLATE.resolveSibling("samconfig.toml"));
  }

  private List<String> changed(String name) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(name));
    List<String> before = Files.readAllLines(TEMPLATE.resolveSibling(name));
    assertThat(lines).hasSameSizeAs(before);
    return lines.stream().filter(line -> !before.contains(line)).map(String::strip).toList();
  }

  @Test
  void aTemplateThatItDoesNotKnowIsRefusedWithWhatIsMissing() throws IOException {
    Path other = folder.resolve("other.yaml");
    Files.writeString(
        other,
        Files.readString(TEMPLATE.resolveSibling("rotator.yaml"))
            .replace("Runtime: java25", "Runtime: java21"));

    assertThatThrownBy(
            () ->
                PackagedTemplate.write(
                    other, CODE, "x86_64", Files.createDirectory(folder.resolve("made"))))
        .isInstanceOf(StackException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("Runtime: java25");
  }
}
