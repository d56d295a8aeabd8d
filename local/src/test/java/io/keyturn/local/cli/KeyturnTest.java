package io.keyturn.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyturnTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "rehearse --help", "serve --help", "package --help"})
  void helpIsForStandardOutput(String arguments) {
    assertThat(run(arguments.split(" ", -1))).isZero();
    assertThat(out.toString()).startsWith("Usage: keyturn ");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void theVersionIsForStandardOutput() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("keyturn ");
  }

  @Test
  void optionsWithoutACommandAreThoseOfRehearse() {
    assertThat(run("--rotations", "none")).isEqualTo(2);
    assertThat(err.toString()).contains("'--rotations'", "'none'", "Usage: keyturn rehearse ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --rotations 0            | --rotations must be at least 1
          --every 0.4              | --every at least 0.5 seconds
          --every NaN              | --every at least 0.5 seconds
          --strategy none          | --strategy
          rehearse stray           | stray
          serve --port -1          | --port must be from 0 to 65535
          serve --port 65536       | --port must be from 0 to 65535
          serve --rotations 1      | --rotations
          frobnicate               | frobnicate
          --no-such-option         | --no-such-option
          """)
  void aWrongCallIsExitCode2WithTheUsage(String arguments, String reason) {
    assertThat(run(arguments.split(" ", -1))).isEqualTo(2);
    assertThat(err.toString()).contains(reason, "Usage: keyturn ");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void anOptionThatIsNearlyOneOfTheCommandsIsRefusedWithThat() {
    assertThat(run("--port", "0")).isEqualTo(2);
    assertThat(err.toString()).contains("'--port'", "--postgres");
  }

  @Test
  void aMissingJdkIsSaidInALine() {
    assertThat(run("package", "--java-home", folder.toString(), "--out", folder.toString()))
        .isEqualTo(1);
    assertThat(err.toString()).startsWith("keyturn: There is no JDK at " + folder).hasLineCount(1);
  }

  @Test
  void aMissingTemplateIsSaidInALine() {
    Path missing = folder.resolve("template.yaml");
    assertThat(run("serve", "--template", missing.toString())).isEqualTo(1);
    assertThat(err.toString().lines())
        .containsExactly("keyturn: There is no SAM template at " + missing);
  }

  @Test
  void aTemplateThatIsNoneIsSaidInALine() throws Exception {
    Path template = Files.writeString(folder.resolve("template.yaml"), "Resources: {}\n");
    assertThat(run("serve", "--template", template.toString())).isEqualTo(1);
    assertThat(err.toString().lines()).singleElement().asString().contains(template.toString());
  }

  @Test
  void aWrongPostgresUrlIsAnErrorOfOneLine() throws Exception {
    Path template = Files.writeString(folder.resolve("template.yaml"), "Resources: {}\n");
    assertThat(run("serve", "--template", template.toString(), "--postgres", "mysql://db"))
        .isEqualTo(1);
    assertThat(err.toString().lines())
        .singleElement()
        .asString()
        .startsWith("keyturn: --postgres: ")
        .contains("jdbc:postgresql://host:port/database");
  }

  private int run(String... arguments) {
    return Keyturn.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }
}
