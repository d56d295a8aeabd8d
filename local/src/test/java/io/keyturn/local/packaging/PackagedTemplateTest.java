package io.keyturn.local.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keyturn.local.StackException;
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
  void onlyWhatDependsOnThePackagesIsChanged() throws IOException {
    Path packaged = folder.resolve("template.yaml");

    PackagedTemplate.write(TEMPLATE, CODE, "x86_64", packaged);

    List<String> lines = Files.readAllLines(packaged);
    List<String> before = Files.readAllLines(TEMPLATE);
    assertThat(lines).hasSameSizeAs(before);
    assertThat(lines.stream().filter(line -> !before.contains(line)).map(String::strip))
        .containsExactly(
            "AllowedValues: [x86_64]",
            "Default: x86_64",
            "Default: aot",
            "- Assert: !Equals [!Ref RuntimePackage, aot]",
            "CodeUri: rotator-x86_64.zip",
            "CodeUri: consumer-x86_64.zip");
    // Else SAM would know neither the stack's name nor that it may make roles.
    assertThat(folder.resolve("samconfig.toml"))
        .hasSameBinaryContentAs(TEMPLATE.resolveSibling("samconfig.toml"));
  }

  @Test
  void aTemplateThatItDoesNotKnowIsRefusedWithWhatIsMissing() throws IOException {
    Path other = folder.resolve("other.yaml");
    Files.write(
        other,
        Files.readAllLines(TEMPLATE).stream()
            .filter(line -> !line.contains("[!Ref RuntimePackage, managed]"))
            .toList());

    assertThatThrownBy(
            () -> PackagedTemplate.write(other, CODE, "x86_64", folder.resolve("template.yaml")))
        .isInstanceOf(StackException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("[!Ref RuntimePackage, managed]");
  }
}
