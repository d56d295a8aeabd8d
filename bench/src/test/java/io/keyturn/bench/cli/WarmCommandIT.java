package io.keyturn.bench.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code bench warm}, as a user types it. */
@Tag("slow")
class WarmCommandIT {
  @Test
  void printsALineForEachNumberOfRows() throws Exception {
    Process bench =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target", "bench.jar").toString(),
                "warm",
                "--rows",
                "1,150",
                "--turns",
                "3")
            .redirectErrorStream(true)
            .start();
    String printed = new String(bench.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(bench.waitFor()).as(printed).isZero();
    List<String> lines = printed.lines().filter(line -> line.startsWith("| ")).toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(1)).matches("\\| 1 (\\| [\\d.]+ ){5}\\|");
    assertThat(lines.get(2)).matches("\\| 150 (\\| [\\d.]+ ){5}\\|");
  }
}
