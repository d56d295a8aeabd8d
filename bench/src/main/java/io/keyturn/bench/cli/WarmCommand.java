package io.keyturn.bench.cli;

import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.measure.ForkedJvm;
import io.keyturn.bench.query.WarmTurns;
import io.keyturn.bench.rotation.RotatedSecret;
import io.keyturn.local.stack.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench warm}: measures a warm query through the handler, alternately with pgjdbc alone. */
@Command(
    name = "warm",
    description =
        "Measure a warm query in one process: through the query function's handler, alternately with the same through pgjdbc"
            + " alone.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class WarmCommand implements Callable<Integer> {
  /** As the functions' JVM has them. */
  private static final List<String> JVM_OPTIONS =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto");

  @Option(
      names = "--rows",
      split = ",",
      defaultValue = "1,100,1000",
      paramLabel = "COUNT",
      description = "Number of rows of each answer, with four columns.")
  private List<Integer> rows;

  @Option(
      names = "--turns",
      defaultValue = "150",
      paramLabel = "COUNT",
      description = "Rounds of 50 calls; the first third is not counted.")
  private int turns;

  @Override
  public Integer call() throws InterruptedException {
    List<String> command = new ArrayList<>(JVM_OPTIONS);
    command.add(WarmTurns.class.getName());
    command.add(String.valueOf(turns));
    rows.forEach(count -> command.add(String.valueOf(count)));
    try (BenchStack stack = BenchStack.start(false)) {
      return ForkedJvm.run(
          stack, new RotatedSecret(stack, "queried", Strategy.SINGLE).arn(), command);
    }
  }
}
