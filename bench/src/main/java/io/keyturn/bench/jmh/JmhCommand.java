package io.keyturn.bench.jmh;

import io.keyturn.bench.BenchStack;
import io.keyturn.bench.ForkedJvm;
import io.keyturn.bench.rotation.RotatedSecret;
import io.keyturn.local.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bench jmh}: the few inner things whose time matters, by JMH. */
@Command(
    name = "jmh",
    description = "Measure inner things by JMH, with a PostgreSQL and a local Secrets Manager up.",
    mixinStandardHelpOptions = true)
public final class JmhCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ARGUMENT",
      description = "JMH's own, behind --; such as: -- -f 3 Login, or: -- -h")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("org.openjdk.jmh.Main"));
    command.addAll(arguments);
    try (BenchStack stack = BenchStack.start()) {
      return ForkedJvm.run(
          stack, new RotatedSecret(stack, "queried", Strategy.SINGLE).arn(), command);
    }
  }
}
