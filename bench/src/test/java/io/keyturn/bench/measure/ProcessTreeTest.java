package io.keyturn.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class ProcessTreeTest {
  @Test
  @EnabledOnOs(OS.LINUX)
  void countsWhatAShellHasStarted() throws IOException {
    Process shell =
        new ProcessBuilder(
                "/bin/sh",
                "-c",
                // One child that has ended, and one that is still there.
                "sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; sleep 60 & echo; wait")
            .start();
    try {
      assertThat(shell.getInputStream().read()).isEqualTo('\n');
      ProcessTree.Usage usage = ProcessTree.usage(shell.toHandle()).orElseThrow();
      assertThat(usage.processorMillis()).isPositive();
      ProcessHandle sleep = shell.descendants().findFirst().orElseThrow();
      assertThat(usage.peakKilobytes()).isEqualTo(peak(shell.toHandle()) + peak(sleep));
      assertThat(usage.residentKilobytes()).isPositive().isLessThanOrEqualTo(usage.peakKilobytes());
    } finally {
      shell.descendants().forEach(ProcessHandle::destroyForcibly);
      shell.destroyForcibly();
    }
  }

  private static long peak(ProcessHandle process) throws IOException {
    try (Stream<String> status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return status
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
