package io.keyturn.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.keyturn.local.rehearsal.Progress;
import io.keyturn.local.rehearsal.Rehearsal;
import io.keyturn.local.rehearsal.RehearsalReport;
import io.keyturn.local.rehearsal.ReportTable;
import io.keyturn.local.rehearsal.RotationRow;
import io.keyturn.local.secretsmanager.rotation.RotationListener;
import io.keyturn.local.secretsmanager.rotation.RotationStepReport;
import io.keyturn.local.stack.LocalStack;
import io.keyturn.local.stack.Strategy;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;

/** No password that ever existed is in what the local stack and its functions leave behind. */
@Tag("slow")
class StackLeakIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Set<String> passwords = ConcurrentHashMap.newKeySet();
  private final List<String> logs = new CopyOnWriteArrayList<>();

  @ParameterizedTest
  @EnumSource(Strategy.class)
  void neitherFilesNorLogsNorReportsHoldAPassword(Strategy strategy) throws Exception {
    Duration period = Duration.ofSeconds(3);
    try (LocalStack stack =
        LocalStack.builder(Path.of("../sam/template.yaml"))
            .strategy(strategy)
            .schedulePeriod(period)
            .logs((function, environment, line) -> logs.add(line))
            .newConnectionForEachQuery()
            .start()) {
      passwords.add(stack.postgres().superuserPassword());
      note(stack, "AWSCURRENT");
      stack
          .secretsManager()
          .addRotationListener(
              new RotationListener() {
                @Override
                public void stepFinished(RotationStepReport report) {
                  note(stack, "AWSPENDING");
                }
              });
      RehearsalReport report = new Rehearsal(stack, 2, period, new Silent()).run();
      assertThat(report.succeeded()).isTrue();
      // A rotation that fails has most to tell.
      stack.secretsManager().faults().failInternally("UpdateSecretVersionStage", 5);
      RehearsalReport disturbed = new Rehearsal(stack, 1, period, new Silent()).run();
      assertThat(logs).anyMatch(line -> line.contains("UpdateSecretVersionStage failed"));

      StringWriter table = new StringWriter();
      ReportTable.print(report, new PrintWriter(table));
      ReportTable.print(disturbed, new PrintWriter(table));
      assertThat(passwords).hasSizeGreaterThanOrEqualTo(5);
      assertThat(logs).anyMatch(line -> line.contains("is staged AWSPENDING"));
      assertHoldsNone("the report", table + JSON.writeValueAsString(List.of(report, disturbed)));
      assertHoldsNone("a function's log", String.join("\n", logs));
      int files = searchFiles(stack.folder());
      assertThat(files).isGreaterThan(100);
      System.out.printf(
          "Local stack (%s): none of %d passwords is in its logs, reports and %d files%n",
          strategy, passwords.size(), files);
    }
  }

  private void assertHoldsNone(String place, String text) {
    for (String password : passwords) {
      assertThat(text.contains(password)).as("a password is in %s", place).isFalse();
    }
  }

  private void note(LocalStack stack, String label) {
    try {
      String value =
          stack
              .client()
              .getSecretValue(r -> r.secretId(stack.secretArn()).versionStage(label))
              .secretString();
      passwords.add(JSON.readTree(value).path("password").asText());
    } catch (ResourceNotFoundException e) {
      // Nothing is staged so, or it has no value yet.
    } catch (IOException e) {
      throw new UncheckedIOException("A secret is not JSON", e);
    }
  }

  /** Searches every file, but for those that the server removes meanwhile; returns how many. */
  private int searchFiles(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    int searched = 0;
    for (Path file : files) {
      try {
        assertHoldsNone(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
        searched++;
      } catch (NoSuchFileException e) {
        // The server has removed it.
      }
    }
    return searched;
  }

  private static final class Silent implements Progress {
    @Override
    public void say(String line) {}

    @Override
    public void rotated(RotationRow row) {}

    @Override
    public void close() {}
  }
}
