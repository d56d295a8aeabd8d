package io.keyturn.bench.cli;

import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.measure.ForkedJvm;
import io.keyturn.bench.rotation.RotatedSecret;
import io.keyturn.local.stack.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code bench jmh}: measures small parts with JMH. */
@Command(
    name = "jmh",
    description = "Measure a login, a verifier and a secret's JSON with JMH.",
    mixinStandardHelpOptions = true)
final class JmhCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "ARGUMENT",
      description = "Arguments of JMH after --, such as: -- -f 3 Login, or: -- -h")
  private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("org.openjdk.jmh.Main"));
    command.addAll(arguments);
    try (BenchStack stack = BenchStack.start(false)) {
      return ForkedJvm.run(
          stack, new RotatedSecret(stack, "queried", Strategy.SINGLE).arn(), command);
    }
  }
}
