package io.keyturn.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the benchmarks, each of which is a command of its own. */
@Command(
    name = "bench",
    description = "Measures what the packaged functions cost.",
    subcommands = {},
    mixinStandardHelpOptions = true)
public final class Bench implements Runnable {
  @Spec private CommandSpec spec;

  private Bench() {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new Bench()).execute(args));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a benchmark");
  }
}
