package io.keyturn.bench.cli;

import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.rotation.Peer;
import io.keyturn.bench.rotation.RotationBenchmark;
import io.keyturn.local.stack.Strategy;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bench rotation}: measures the packaged rotator, cold and warm, alone or with peers. */
@Command(
    name = "rotation",
    description =
        "Measure the packaged rotator: a cold rotation in a new process, then warm ones in the same.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class RotationCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Option(
      names = "--strategy",
      defaultValue = "single",
      description = "Rotation strategy: ${COMPLETION-CANDIDATES}.")
  private Strategy strategy;

  @Option(
      names = "--peer",
      paramLabel = "[NAME=]COMMAND",
      description =
          "Another rotation function that speaks Lambda's Runtime API, started by a shell and measured alternately with"
              + " ours; or a folder with a bootstrap. Repeatable.")
  private List<String> peers = new ArrayList<>();

  @Override
  public Integer call() {
    PrintWriter progress = spec.commandLine().getErr();
    List<Peer> named = namedPeers();
    RotationBenchmark benchmark =
        new RotationBenchmark(options.plan(), strategy, progress::println);
    progress.println("Starting PostgreSQL and the local Secrets Manager");
    try (BenchStack stack = BenchStack.start(options.tls())) {
      options.report(benchmark.run(stack, named));
    }
    return 0;
  }

  private List<Peer> namedPeers() {
    Set<String> names = new HashSet<>(Set.of(RotationBenchmark.OURS));
    List<Peer> named = new ArrayList<>();
    for (String text : peers) {
      Peer peer = Peer.parse(text, named.size() + 1);
      if (!names.add(peer.name())) {
        throw new ParameterException(
            spec.commandLine(), "There are two subjects named " + peer.name());
      }
      named.add(peer);
    }
    return named;
  }
}
