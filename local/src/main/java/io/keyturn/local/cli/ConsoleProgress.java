package io.keyturn.local.cli;

import io.keyturn.local.rehearsal.Progress;
import io.keyturn.local.rehearsal.RotationRow;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Help.Ansi;

/** Shows progress as a bar on a terminal, and as lines otherwise. */
final class ConsoleProgress {
  private ConsoleProgress() {}

  /** Returns progress on standard error, so that standard output contains only the report. */
  static Progress of(int rotations) {
    return Ansi.AUTO.enabled() ? new Bar(rotations) : new Lines(System.err);
  }

  private record Lines(PrintStream out) implements Progress {
    @Override
    public void say(String line) {
      out.println(line);
    }

    @Override
    public void rotated(RotationRow row) {
      out.println(describe(row));
    }

    @Override
    public void close() {}
  }

  private static final class Bar implements Progress {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final ProgressBar bar;
    private long answered;
    private long failed;

    private Bar(int rotations) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("Rotations")
              .setInitialMax(rotations)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200)
              .hideEta()
              .setConsumer(new ConsoleProgressBarConsumer(System.err))
              .build();
    }

    /** Printed above the bar, which is drawn again below it. */
    @Override
    public void say(String line) {
      System.err.print(CLEAR_LINE + line + System.lineSeparator());
    }

    @Override
    public void rotated(RotationRow row) {
      if (!row.problems().isEmpty()) {
        say(describe(row));
      }
      answered += row.queriesAnswered();
      failed += row.queriesFailed();
      bar.step();
      // Short, since it shares a line of 80 columns with the bar.
      bar.setExtraMessage("%d queries, %d failed".formatted(answered, failed));
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static String describe(RotationRow row) {
    return "Rotation %d %s; %d queries answered, %d failed"
        .formatted(
            row.number(),
            row.problems().isEmpty() ? "finished" : "failed",
            row.queriesAnswered(),
            row.queriesFailed());
  }
}
