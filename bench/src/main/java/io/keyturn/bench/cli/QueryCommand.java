package io.keyturn.bench.cli;

import io.keyturn.bench.measure.BenchStack;
import io.keyturn.bench.query.QueryBenchmark;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code bench query}: measures the packaged query function, cold and warm, and the rotator. */
@Command(
    name = "query",
    description =
        "Measure the packaged query function: process start to the first row, alternately with the rotator's first answer,"
            + " then warm queries.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
final class QueryCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private MeasureOptions options;

  @Option(names = "--sql", defaultValue = "SELECT 1", description = "Statement to run.")
  private String sql;

  @Override
  public Integer call() {
    PrintWriter progress = spec.commandLine().getErr();
    QueryBenchmark benchmark = new QueryBenchmark(options.plan(), sql, progress::println);
    progress.println("Starting PostgreSQL and the local Secrets Manager");
    try (BenchStack stack = BenchStack.start(options.tls())) {
      options.report(benchmark.run(stack));
    }
    return 0;
  }
}
