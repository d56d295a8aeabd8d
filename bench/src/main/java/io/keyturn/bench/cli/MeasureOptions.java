package io.keyturn.bench.cli;

import io.keyturn.bench.measure.Plan;
import io.keyturn.bench.results.Results;
import io.keyturn.bench.results.ResultsFolder;
import io.keyturn.bench.results.ResultsTable;
import io.keyturn.local.lambda.FunctionJvm;
import io.keyturn.local.lambda.LogSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every benchmark that starts functions. */
final class MeasureOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--latency",
      split = ",",
      paramLabel = "MS",
      defaultValue = "0,5,20",
      description =
          "Milliseconds to add to each answer of Secrets Manager and PostgreSQL, comma-separated.")
  private List<Integer> latencies;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Processes of each function to measure at each latency.")
  private int runs;

  @Option(
      names = "--warm",
      paramLabel = "N",
      defaultValue = "10",
      description = "Further queries or rotations of each process; 0 for none.")
  private int warm;

  @Option(
      names = "--java",
      paramLabel = "HOME",
      description = "The JDK that runs the functions (default: the one that runs this).")
  private Path javaHome;

  @Option(
      names = "--jvm-option",
      paramLabel = "OPTION",
      description =
          "Option of the functions' JVM, after those of Lambda's managed runtime; repeatable.")
  private List<String> jvmOptions = new ArrayList<>();

  @Option(
      names = "--memory",
      paramLabel = "MB",
      defaultValue = "1024",
      description = "Memory of the functions, which determines the heap of their JVM.")
  private int memory;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where to write results.json and results.md.")
  private Path out;

  @Option(
      names = "--plaintext",
      description = "Let the services do without TLS, which in AWS they do not.")
  private boolean plaintext;

  @Option(names = "--verbose", description = "Print the functions' logs.")
  private boolean verbose;

  boolean tls() {
    return !plaintext;
  }

  /** Returns the plan, after checking the options. */
  public Plan plan() {
    if (runs < 1 || warm < 0 || latencies.stream().anyMatch(latency -> latency < 0)) {
      throw wrong("--runs must be at least 1, --warm and --latency not negative");
    }
    if (memory < 128 || memory > 10_240) {
      throw wrong("--memory must be from 128 to 10240 MB");
    }
    FunctionJvm running = FunctionJvm.running();
    Path home = javaHome == null ? running.home() : javaHome.toAbsolutePath();
    if (!Files.isExecutable(home.resolve("bin/java"))) {
      throw wrong("There is no bin/java in " + home + "; --java takes the home of a JDK");
    }
    return new Plan(
        latencies,
        runs,
        warm,
        new FunctionJvm(home, jvmOptions),
        memory,
        true,
        verbose ? LogSink.printTo(System.err) : LogSink.discard());
  }

  /** Prints the results, and writes them if there is a folder for them. */
  public void report(Results results) {
    results.conditions().forEach((name, value) -> print(name + ": " + value));
    print("");
    print(new ResultsTable(results).toString());
    if (out != null) {
      ResultsFolder.write(results, out);
      print("");
      print("Written to " + out);
    }
  }

  private void print(String line) {
    spec.commandLine().getOut().println(line);
    spec.commandLine().getOut().flush();
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
