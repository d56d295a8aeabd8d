package io.keyturn.bench.cli;

import io.keyturn.bench.measure.BenchException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of the benchmarks. Each benchmark is a command. */
@Command(
    name = "bench",
    description = "Measures what the packaged functions cost.",
    subcommands = {RotationCommand.class, QueryCommand.class, WarmCommand.class, JmhCommand.class},
    mixinStandardHelpOptions = true)
public final class Bench implements Runnable {
  @Spec private CommandSpec spec;

  private Bench() {}

  public static void main(String[] args) {
    System.exit(run(new CommandLine(new Bench()), args));
  }

  static int run(PrintWriter out, PrintWriter err, String... args) {
    return run(new CommandLine(new Bench()).setOut(out).setErr(err), args);
  }

  private static int run(CommandLine command, String... args) {
    return command
        .setExecutionExceptionHandler(Bench::report)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  /**
   * Prints one line for a problem that the user can solve. Anything else is a defect, and is
   * printed with its stack trace.
   */
  private static int report(
      Exception failure, CommandLine command, CommandLine.ParseResult arguments) {
    if (failure instanceof BenchException) {
      command.getErr().println("bench: " + failure.getMessage());
    } else {
      failure.printStackTrace(command.getErr());
    }
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Specify a benchmark: rotation, query, warm or jmh");
  }
}
