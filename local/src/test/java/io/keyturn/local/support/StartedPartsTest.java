package io.keyturn.local.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StartedPartsTest {
  private final List<String> ended = new ArrayList<>();
  private final StartedParts parts = new StartedParts("run");

  @Test
  void partsEndInTheReverseOrderOfTheirStartAndOnce() {
    parts.start(() -> parts.opened(part("first")));
    parts.opened(part("second"));

    parts.close();
    parts.close();

    assertThat(ended).containsExactly("second", "first");
  }

  @Test
  void aStartThatFailsEndsWhatItHasStarted() {
    IllegalStateException failure = new IllegalStateException("the second did not start");

    assertThatThrownBy(
            () ->
                parts.start(
                    () -> {
                      parts.opened(part("first"));
                      throw failure;
                    }))
        .isSameAs(failure);

    assertThat(ended).containsExactly("first");
  }

  @Test
  void whatDoesNotEndKeepsNothingElseFromEnding() {
    IllegalArgumentException failure = new IllegalArgumentException("still in use");
    parts.opened(part("first"));
    parts.opened(
        () -> {
          throw failure;
        });
    parts.opened(part("third"));

    assertThatThrownBy(parts::close)
        .hasMessage("The run could not be stopped cleanly")
        .satisfies(e -> assertThat(e.getSuppressed()).containsExactly(failure));
    assertThat(ended).containsExactly("third", "first");
  }

  @Test
  void theEndOfTheJvmEndsThem() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-classpath",
                System.getProperty("java.class.path"),
                Unclosed.class.getName())
            .redirectErrorStream(true)
            .start();

    assertThat(process.inputReader().lines()).containsExactly("second ended", "first ended");
    assertThat(process.waitFor()).isZero();
  }

  /** Ends without closing what it has started. */
  static final class Unclosed {
    private Unclosed() {}

    public static void main(String[] arguments) {
      StartedParts parts = new StartedParts("run");
      parts.opened(() -> System.out.println("first ended"));
      parts.opened(() -> System.out.println("second ended"));
      System.exit(0);
    }
  }

  private AutoCloseable part(String name) {
    return () -> ended.add(name);
  }
}
